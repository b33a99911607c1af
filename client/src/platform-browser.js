/** @returns {Promise<typeof WebSocket>} */
export async function loadWebSocket() {
    return WebSocket;
}

/** @param {number} count */
export function randomBytes(count) {
    return crypto.getRandomValues(new Uint8Array(count));
}

/**
 * Tells when the device knows to be on no network, and when it believes to be on one again.
 *
 * @param {(online: boolean) => void} listener
 * @returns {() => void} takes the listener away again
 */
export function onNetwork(listener) {
    const tell = (/** @type {Event} */ { type }) => listener(type === 'online');
    for (const type of ['online', 'offline']) addEventListener(type, tell);
    return () => ['online', 'offline'].forEach((type) => removeEventListener(type, tell));
}
