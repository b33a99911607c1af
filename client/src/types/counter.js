import { STATUS, TuttiError } from '../status.js';

/** @param {number} sum */
function safe(sum) {
    if (Number.isSafeInteger(sum)) return sum + 0;
    throw new TuttiError(STATUS.OVERFLOW, 'the number would leave the safe integers');
}

/** What `doc.change` gives for a counter. */
class CounterDraft {
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
 * @type {import('./type.js').Type<number, number, CounterDraft>}
 */
export const counter = {
    name: 'counter',
    identity: true,
    whoBreaksTies: false,
    left: 'second',
    empty: 0,
    create: (data = 0) => safe(data),
    normalize: safe,
    apply: (data, operation) => safe(data + operation),
    transform: (operation) => operation,
    compose: (first, second) => safe(first + second),
    invert: (operation) => 0 - operation,
    difference: (before, after) => safe(after - before),
    isEmpty: (operation) => operation === 0,
    draft: (data) => new CounterDraft(data),
};
