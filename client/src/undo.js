import { Emitter } from './emitter.js';
import { otherSide } from './types/type.js';

/** Edits that follow one another within this time are one step. */
const GROUP_MS = 1000;
/** Every operation of others is moved through all steps. */
const STEPS_MAX = 200;

/**
 * What takes one step back, as an operation on the document as it is now.
 *
 * @typedef {{ operation: any, edits: any[] }} Step `edits`: the operations that it takes back
 */

/**
 * Takes back one's own edits, and does them again.
 *
 * Each step is kept as the operation that undoes it, moved over everything that others did since.
 * A step that is taken back leaves its own inverse, made at that moment, as the step to do again:
 * so undoing all and redoing all leaves the document unchanged, whatever others did in between.
 *
 * @extends {Emitter<{ change: null }>}
 */
export class Undo extends Emitter {
    /** @type {Step[]} the next one to take back is the last */
    #done = [];
    /** @type {Step[]} */
    #undone = [];
    #document;
    #now;
    /** Edits join the last step until then. */
    #groupUntil = -Infinity;
    #paused = 0;
    /** @type {Step[] | null} where the inverse of the edit under way belongs, if not to `#done` */
    #into = null;

    /**
     * @param {import('./document.js').Document<any>} document
     * @param {() => number} now
     */
    constructor(document, now) {
        super();
        this.#document = document;
        this.#now = now;
    }

    get canUndo() {
        return this.#done.length > 0;
    }

    get canRedo() {
        return this.#undone.length > 0;
    }

    /** @returns {boolean} false: there was nothing to take back */
    undo() {
        return this.#take(this.#done, this.#undone);
    }

    /** @returns {boolean} false: there was nothing to do again */
    redo() {
        return this.#take(this.#undone, this.#done);
    }

    /** All edits are one step, until as many `resume`. */
    pause() {
        if (this.#paused++ === 0) this.#groupUntil = -Infinity;
    }

    resume() {
        if (this.#paused > 0 && --this.#paused === 0) this.#groupUntil = -Infinity;
    }

    /**
     * All edits that `make` makes are one step.
     *
     * @template Value
     * @param {() => Value} make
     * @returns {Value}
     */
    transaction(make) {
        this.pause();
        try {
            return make();
        } finally {
            this.resume();
        }
    }

    /** What was done so far cannot be taken back any more. */
    clear() {
        this.#done = [];
        this.#undone = [];
        this.emit('change', null);
    }

    /**
     * @param {Step[]} from
     * @param {Step[]} into
     */
    #take(from, into) {
        const { type } = this.#document;
        let step = from.pop();
        while (step !== undefined && type.isEmpty(step.operation)) step = from.pop();
        if (step === undefined) return false;
        this.#into = into;
        try {
            this.#document.submit(step.operation, { source: this });
        } finally {
            this.#into = null;
            this.#groupUntil = -Infinity;
        }
        return true;
    }

    /* ---- For the document ---- */

    /**
     * @internal An edit of our own.
     * @param {any} operation
     * @param {any} before
     */
    made(operation, before) {
        const { type } = this.#document;
        const step = { operation: type.invert(operation, before), edits: [operation] };
        const into = this.#into ?? this.#done;
        if (this.#into === null) this.#undone = [];
        if (!this.#joined(step)) into.push(step);
        if (into.length > STEPS_MAX) into.shift();
        this.emit('change', null);
    }

    /** @param {Step} step */
    #joined(step) {
        const last = this.#done[this.#done.length - 1];
        const now = this.#now();
        const joins = this.#into === null && now < this.#groupUntil && last !== undefined;
        if (this.#into === null) this.#groupUntil = this.#paused > 0 ? Infinity : now + GROUP_MS;
        if (!joins) return false;
        try {
            last.operation = this.#document.type.compose(step.operation, last.operation);
        } catch {
            return false; /* one operation cannot say both */
        }
        last.edits.push(...step.edits);
        return true;
    }

    /**
     * @internal Others changed the document, or edits that are not to be taken back.
     * @param {any} operation
     */
    moved(operation) {
        this.#move(this.#done, operation);
        this.#move(this.#undone, operation);
    }

    /**
     * The last step applies to the document as it is, each other one after those behind it.
     *
     * @param {Step[]} steps
     * @param {any} operation
     */
    #move(steps, operation) {
        const { type } = this.#document;
        if (type.identity) return;
        for (let i = steps.length - 1; i >= 0; i--) {
            const before = steps[i].operation;
            steps[i].operation = type.transform(before, operation, 'first');
            operation = type.transform(operation, before, otherSide('first'));
        }
    }

    /**
     * @internal Edits that were refused are out of the document: there is nothing to take back.
     * @param {any[]} operations
     */
    refused(operations) {
        if (!this.#document.type.identity) return; /* moved over their inverse, it is empty */
        const kept = (/** @type {Step} */ { edits }) =>
            !edits.some((edit) => operations.includes(edit));
        this.#done = this.#done.filter(kept);
        this.#undone = this.#undone.filter(kept);
        this.emit('change', null);
    }

    /**
     * @internal Our operation came by: what it deleted may have been more than we saw.
     * @param {any} operation
     * @param {any} before the confirmed state that it was applied to
     */
    confirmed(operation, before) {
        const { completeInverse } = this.#document.type;
        if (completeInverse === undefined) return;
        for (const step of [...this.#done, ...this.#undone])
            step.operation = completeInverse(step.operation, operation, before);
    }
}
