import { connect as connectWith } from './client.js';

export { TextareaBinding } from '../bindings/textarea.js';
export { STATUS, TuttiError } from './status.js';
export { indexedDbStorage } from './storage/indexeddb.js';
export { memoryStorage } from './storage/storage.js';

/**
 * The types that come with the client; each is loaded when the first document needs it.
 *
 * @type {Record<string, import('./client.js').TypeSource>}
 */
const types = {
    counter: async () => (await import('./types/counter.js')).counter,
    json0: async () => (await import('./types/json0.js')).json0,
    rich: async () => (await import('./types/rich.js')).rich,
    text: async () => (await import('./types/text.js')).text,
    tree: async () => (await import('./types/tree.js')).tree,
};

/**
 * Connect to a server: `connect('ws://127.0.0.1:7400')`, then `client.open('notes/42', …)`.
 *
 * @param {string} url `ws:` or `wss:`
 * @param {Partial<import('./client.js').ClientOptions>} [options] `types` are one's own, beside
 *     those that come with it
 */
export function connect(url, options = {}) {
    return connectWith(url, { ...options, types: { ...types, ...options.types } });
}
