/**
 * A clock that stands still until it is told to go on; timers run in the order of their times.
 * Promises that a timer settles have run before the next one does.
 */
export class VirtualClock {
    #now = 0;
    #count = 0;
    /** @type {Map<number, { at: number, run: () => void }>} */
    #timers = new Map();

    now = () => this.#now;

    setTimeout = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
        this.#timers.set(++this.#count, { at: this.#now + Math.max(0, ms), run });
        return this.#count;
    };

    clearTimeout = (/** @type {any} */ timer) => void this.#timers.delete(timer);

    /** @param {number} ms */
    async advance(ms) {
        const end = this.#now + ms;
        await settle();
        for (;;) {
            const next = this.#next(end);
            if (next === null) break;
            this.#now = next.at;
            next.run();
            await settle();
        }
        this.#now = end;
    }

    /** @param {number} end */
    #next(end) {
        let first = null;
        for (const [timer, { at }] of this.#timers)
            if (at <= end && (first === null || at < first.at)) first = { timer, at };
        if (first === null) return null;
        const { run } = /** @type {{ run: () => void }} */ (this.#timers.get(first.timer));
        this.#timers.delete(first.timer);
        return { at: first.at, run };
    }
}

function settle() {
    return new Promise((resolve) => setImmediate(resolve));
}
