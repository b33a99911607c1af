import { randomBytes } from '#platform';

/**
 * One client instance, over all its reconnects. The secret is its resume key and never leaves
 * client and server; `who` is the public id that the server makes of it.
 *
 * @typedef {{ secret: string, who: string | null }} Session `who` is null before `welcome`
 */

/**
 * @param {Uint8Array} bytes
 * @returns {string} in base64url, without padding
 */
function base64url(bytes) {
    const text = btoa(String.fromCharCode(...bytes));
    return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/**
 * A session that nobody has had: 128 random bits, 22 characters.
 *
 * @param {(count: number) => Uint8Array} [random]
 * @returns {Session}
 */
export function drawSession(random = randomBytes) {
    return { secret: base64url(random(16)), who: null };
}

/**
 * Ids of objects that nobody else makes, offline too: 96 random bits that are drawn once, and a
 * count.
 *
 * @param {(count: number) => Uint8Array} [random]
 * @returns {() => string}
 */
export function drawIds(random = randomBytes) {
    const client = base64url(random(12));
    let count = 0;
    return () => `${client}.${(++count).toString(36)}`;
}
