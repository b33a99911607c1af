/** @returns {Promise<typeof WebSocket>} */
export async function loadWebSocket() {
    return WebSocket;
}

/** @param {number} count */
export function randomBytes(count) {
    return crypto.getRandomValues(new Uint8Array(count));
}

/**
 * Tells when the device believes to be on a network again, which is a good moment to try.
 *
 * @param {() => void} listener
 * @returns {() => void} takes the listener away again
 */
export function onNetwork(listener) {
    addEventListener('online', listener);
    return () => removeEventListener('online', listener);
}
