import { randomBytes } from '#platform';

/**
 * One client instance, over all its reconnects. The secret is its resume key and never leaves
 * client and server; `who` is the public id that the server makes of it.
 *
 * @typedef {{ secret: string, who: string | null }} Session `who` is null before `welcome`
 */

/**
 * A session that nobody has had: 128 random bits in base64url, 22 characters.
 *
 * @param {(count: number) => Uint8Array} [random]
 * @returns {Session}
 */
export function drawSession(random = randomBytes) {
    const text = btoa(String.fromCharCode(...random(16)));
    return { secret: text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, ''), who: null };
}
