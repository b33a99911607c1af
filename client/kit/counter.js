import { realtimeDocument, usersOf } from './realtime.js';
import { Emitter } from '../src/emitter.js';

/** @typedef {import('./runtime.js').Module} Module */

/**
 * What components see of a counter that everybody shares.
 *
 * @extends {Emitter<{ change: null }>}
 */
export class SharedCounter extends Emitter {
    #client;
    #document;
    /** @type {string | null} `who` of the last one who counted */
    #last = null;

    /**
     * @param {import('../src/client.js').Client} client
     * @param {import('../src/document.js').Document<'counter'>} document
     */
    constructor(client, document) {
        super();
        this.#client = client;
        this.#document = document;
        const changed = () => this.emit('change', null);
        document.on('operation', ({ who }) => (this.#last = who));
        document.on('change', ({ local }) => {
            if (local) this.#last = client.who;
            changed();
        });
        document.on('sync', changed);
        document.presence.on('change', changed);
    }

    get value() {
        return this.#document.data;
    }

    /** @returns {'synced' | 'saving' | 'offline'} */
    get sync() {
        return this.#document.sync;
    }

    /** Who has it open, ourselves included. */
    get users() {
        return usersOf(this.#client, this.#document);
    }

    /** @returns {string | null} the name of the last one who counted, as far as it is known */
    get lastBy() {
        if (this.#last === null) return null;
        return this.users.find(({ who }) => who === this.#last)?.name ?? this.#last;
    }

    /**
     * @param {number} [by]
     * @returns {Promise<{ seq: number }>} resolves when it is durable
     */
    increment(by = 1) {
        return this.#document.change((counter) => counter.add(by));
    }
}

/**
 * The module `realtime-counter`: provides a `SharedCounter` by the name `counter`.
 *
 * @param {object} options
 * @param {import('../src/client.js').Client} options.client
 * @param {string} [options.document] `collection/id`
 * @param {string} [options.person] what the others call us
 * @returns {Module}
 */
export function realtimeCounter({ client, document = 'kit/counter', person = 'somebody' }) {
    const name = 'realtime-counter';
    const module = realtimeDocument({
        name,
        client,
        document,
        type: 'counter',
        state: { name: person },
    });
    return {
        ...module,
        async onInstall(context) {
            await module.onInstall(context);
            const { runtime } = context;
            runtime.provide('counter', new SharedCounter(client, runtime.inject(name)));
        },
    };
}
