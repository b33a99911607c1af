/**
 * Writes the latest state, one write at a time: what changes during a write is in the next one,
 * however often it changed.
 */
export class Saver {
    /** @type {Promise<void> | null} the write that runs */
    #running = null;
    /** @type {Promise<void> | null} the one after it, which somebody waits for */
    #next = null;

    /** @param {() => Promise<void>} write stores the state as it is when called */
    constructor(write) {
        this.write = write;
    }

    /** @returns {Promise<void>} resolves when the state as it is now is stored, or newer */
    save() {
        if (this.#next !== null) return this.#next;
        if (this.#running === null) return this.#start();
        const start = () => this.#start();
        return (this.#next = this.#running.then(start, start));
    }

    #start() {
        this.#next = null;
        const running = this.write().finally(() => {
            if (this.#running === running) this.#running = null;
        });
        this.#running = running;
        return running;
    }
}
