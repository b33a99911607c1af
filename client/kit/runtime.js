import { Emitter } from '../src/emitter.js';

/**
 * A part of an application: what it offers to the others by name, and what it does when it is
 * installed.
 *
 * @typedef {object} Module
 * @property {string} name
 * @property {Record<string, any>} providers
 * @property {(context: { runtime: Runtime }) => void | Promise<void>} onInstall
 */

/**
 * What holds an application together: things by name, and events. Any runtime that has these four
 * will do for the modules of the kit.
 *
 * @extends {Emitter<Record<string, any>>}
 */
export class Runtime extends Emitter {
    /** @type {Map<string, any>} */
    #provided = new Map();

    /**
     * @param {string} key
     * @param {any} value
     */
    provide(key, value) {
        this.#provided.set(key, value);
    }

    /** @param {string} key */
    inject(key) {
        if (!this.#provided.has(key)) throw new Error(`nobody provides ${key}`);
        return this.#provided.get(key);
    }

    /**
     * @param {Module} module
     * @returns {Promise<void>} resolves when it works
     */
    async install({ providers, onInstall }) {
        for (const [key, value] of Object.entries(providers)) this.provide(key, value);
        await onInstall({ runtime: this });
    }
}
