const BASE_MS = 250;
const CEILING_MS = 30000;
/** A connection that held this long was a good one: its end starts the count anew. */
const GOOD_MS = 5000;

/**
 * How long to wait before the next try: full jitter, so that ten thousand clients of one node
 * that went away do not all come back in the same second.
 */
export class Backoff {
    #failures = 0;

    /** @param {() => number} random from [0, 1) */
    constructor(random) {
        this.random = random;
    }

    /** @param {number} heldMs how long the connection that ended now was good for */
    next(heldMs) {
        if (heldMs >= GOOD_MS) this.#failures = 0;
        const ceiling = Math.min(CEILING_MS, BASE_MS * 2 ** this.#failures);
        this.#failures++;
        return Math.floor(this.random() * ceiling);
    }
}
