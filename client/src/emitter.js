/**
 * What tells others that something happened.
 *
 * @template {Record<string, any>} Events name of an event -> what its listeners are given
 */
export class Emitter {
    /** @type {Map<keyof Events, Set<(value: any) => void>>} */
    #listeners = new Map();

    /**
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {(value: Events[Name]) => void} listener
     * @returns {() => void} takes the listener away again
     */
    on(name, listener) {
        const listeners = this.#listeners.get(name) ?? new Set();
        this.#listeners.set(name, listeners.add(listener));
        return () => void listeners.delete(listener);
    }

    /**
     * A listener that throws must not stop the protocol: its error is thrown outside of it.
     *
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {Events[Name]} value
     */
    emit(name, value) {
        for (const listener of [...(this.#listeners.get(name) ?? [])]) {
            try {
                listener(value);
            } catch (error) {
                queueMicrotask(() => {
                    throw error;
                });
            }
        }
    }
}
