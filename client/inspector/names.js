/**
 * A document's name in a link: its parts stay apart, whatever is in them.
 *
 * @param {string} collection
 * @param {string} id
 */
export function hashOf(collection, id) {
    return `#${pathOf(collection, id)}`;
}

/**
 * The document that a link leads to, null: to all of them.
 *
 * @param {string} hash
 * @returns {[collection: string, id: string] | null}
 */
export function nameIn(hash) {
    const at = hash.indexOf('/');
    if (at < 0) return null;
    try {
        return [decodeURIComponent(hash.slice(1, at)), decodeURIComponent(hash.slice(at + 1))];
    } catch {
        return null; /* not a link of ours */
    }
}

/**
 * The same in a path of the server.
 *
 * @param {string} collection
 * @param {string} id
 */
export function pathOf(collection, id) {
    return `${encodeURIComponent(collection)}/${encodeURIComponent(id)}`;
}
