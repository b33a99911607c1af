/** Repeatable random numbers (mulberry32, T. Ettinger). */
export class Random {
    constructor(seed) {
        this.state = seed >>> 0;
    }

    /** In [0, 1). */
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }

    /** An integer, 0 … limit − 1. */
    below(limit) {
        return Math.floor(this.next() * limit);
    }

    chance(probability) {
        return this.next() < probability;
    }

    pick(list) {
        return list[this.below(list.length)];
    }
}
