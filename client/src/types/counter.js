import { STATUS, TuttiError } from '../status.js';

/** @param {number} sum */
function safe(sum) {
    if (Number.isSafeInteger(sum)) return sum + 0;
    throw new TuttiError(STATUS.OVERFLOW, 'the number would leave the safe integers');
}

/** What `doc.change` gives for a counter. */
export class CounterDraft {
    operation = 0;
    #before;

    /** @param {number} before */
    constructor(before) {
        this.#before = before;
    }

    get value() {
        return this.#before + this.operation;
    }

    /** @param {number} amount may be negative */
    add(amount) {
        this.operation = safe(this.operation + amount);
    }
}

/**
 * `counter`: an integer; an operation is an integer and is added.
 *
 * @satisfies {import('./type.js').Type<number, number, CounterDraft>}
 */
export const counter = {
    name: 'counter',
    identity: true,
    whoBreaksTies: false,
    left: /** @type {'second'} */ ('second'),
    empty: 0,
    /** @param {any} [data] */
    create: (data = 0) => safe(data),
    normalize: safe,
    decode: safe,
    /**
     * @param {number} data
     * @param {number} operation
     */
    apply: (data, operation) => safe(data + operation),
    /**
     * @param {number} operation
     * @param {number} _other
     * @param {'first' | 'second'} _side
     */
    transform: (operation, _other, _side) => operation,
    /**
     * @param {number} first
     * @param {number} second
     */
    compose: (first, second) => safe(first + second),
    /**
     * @param {number} operation
     * @param {number} _before
     */
    invert: (operation, _before) => 0 - operation,
    /**
     * @param {number} before
     * @param {number} after
     */
    difference: (before, after) => safe(after - before),
    /** @param {number} operation */
    isEmpty: (operation) => operation === 0,
    /** @param {number} data */
    draft: (data) => new CounterDraft(data),
};
