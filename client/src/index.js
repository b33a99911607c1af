import { connect as connectWith } from './client.js';
import { counter } from './types/counter.js';
import { text } from './types/text.js';

export { TextareaBinding } from '../bindings/textarea.js';
export { STATUS, TuttiError } from './status.js';
export { memoryStorage } from './storage.js';
export { pointsOf, unitsOf } from './types/text.js';
export { counter, text };

/**
 * Connect to a server: `connect('ws://127.0.0.1:7400')`, then `client.open('notes/42', …)`.
 *
 * @param {string} url `ws:` or `wss:`
 * @param {Partial<import('./client.js').ClientOptions>} [options]
 */
export function connect(url, options = {}) {
    return connectWith(url, { types: [counter, text], ...options });
}
