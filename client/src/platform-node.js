import { webcrypto } from 'node:crypto';

/**
 * Node has had a WebSocket of its own only since 22; before, the package `ws` stands in.
 *
 * @returns {Promise<typeof WebSocket>}
 */
export async function loadWebSocket() {
    if (globalThis.WebSocket !== undefined) return globalThis.WebSocket;
    return /** @type {any} */ ((await import('ws')).WebSocket);
}

/** @param {number} count */
export function randomBytes(count) {
    return webcrypto.getRandomValues(new Uint8Array(count));
}

/**
 * Node is not told about networks.
 *
 * @param {(online: boolean) => void} _listener
 * @returns {() => void}
 */
export function onNetwork(_listener) {
    return () => {};
}
