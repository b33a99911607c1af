/**
 * Numbers from [0, 1) that are the same for the same seed (mulberry32).
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function randomOf(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** What tests draw; everything of one seed comes from one of these. */
export class Chance {
    /** @param {number} seed */
    constructor(seed) {
        this.random = randomOf(seed);
    }

    /** @param {number} bound an integer from [0, bound) */
    below(bound) {
        return Math.floor(this.random() * bound);
    }

    /** @param {number} probability */
    happens(probability) {
        return this.random() < probability;
    }

    /**
     * @template T
     * @param {T[]} values
     * @returns {T}
     */
    pick(values) {
        return values[this.below(values.length)];
    }

    /** @param {number} count */
    bytes(count) {
        return Uint8Array.from({ length: count }, () => this.below(256));
    }
}
