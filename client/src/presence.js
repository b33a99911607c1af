import { Emitter } from './emitter.js';

/** The least time between two messages, and the most: the server forgets who says nothing. */
const PAUSE_MS = 33;
const RENEW_MS = 25000;

/**
 * Who is there, and where: a small JSON value of each client that has the document open. Its
 * member `cursor`, an array of places, is moved through operations.
 *
 *   told     what the readers have of us    }  on the confirmed state, moved by each operation
 *   states   what we have of the others     }
 *   own      what we want to tell, on what the user sees
 *
 * A value is sent while nothing of our own is pending: only then do we and the readers mean the
 * same places. Meanwhile they move what they have by our operations, as we do: what comes to the
 * same need not be sent at all.
 *
 * `change` tells of the others, `own` that our own state is another.
 *
 * @extends {Emitter<{ change: ReadonlyMap<string, any>, own: any }>}
 */
export class Presence extends Emitter {
    /** @type {any} */
    #own = null;
    /** @type {any} */
    #told = null;
    /** @type {Map<string, any>} */
    #states = new Map();
    /** @type {ReadonlyMap<string, any> | null} as they are on what the user sees */
    #others = new Map();
    #exchange;
    #clock;
    #sentAt = -Infinity;
    /** @type {any} */
    #timer = null;

    /**
     * @param {import('./exchange.js').Exchange} exchange
     * @param {import('./connection.js').Clock} clock
     */
    constructor(exchange, clock) {
        super();
        this.#exchange = exchange;
        this.#clock = clock;
    }

    /** @returns {any} our own state */
    get own() {
        return this.#own;
    }

    /** @returns {ReadonlyMap<string, any>} `who` -> state, of everybody else; never changed */
    get others() {
        this.#others ??= this.#seen();
        return this.#others;
    }

    /**
     * Tell the others. The same value as before is not sent again.
     *
     * @param {any} state a small JSON value; null: not here any more
     */
    set(state) {
        this.#own = state;
        this.emit('own', state);
        this.flush();
    }

    /* ---- For the document ---- */

    /** @internal The moment may have come to send. */
    flush() {
        const { peer, caughtUp } = this.#exchange;
        if (!caughtUp || !peer?.idle) return;
        const due = this.#sentAt + (same(this.#own, this.#told) ? RENEW_MS : PAUSE_MS);
        const wait = due - this.#clock.now();
        this.stop();
        if (wait <= 0) this.#send(peer.seq);
        else if (this.#own !== null || this.#told !== null)
            this.#timer = this.#clock.setTimeout(() => this.flush(), wait);
    }

    /** @param {number} seq */
    #send(seq) {
        if (this.#own === null && this.#told === null) return;
        this.#sentAt = this.#clock.now();
        this.#told = this.#own;
        this.#exchange.send('here', seq, this.#own);
        this.flush();
    }

    /** @internal Nothing is to be sent any more, or not yet. */
    stop() {
        this.#clock.clearTimeout(this.#timer);
    }

    /** @internal Nobody is known to be here, and nobody knows of us. */
    forget() {
        this.stop();
        this.#told = null;
        this.clear();
    }

    /** @internal Nobody is here but those who are named from now on. */
    clear() {
        if (this.#states.size === 0) return;
        this.#states.clear();
        this.#changed();
    }

    /**
     * @internal Somebody tells.
     * @param {string} who
     * @param {any} state
     */
    heard(who, state) {
        if (state === null) this.#states.delete(who);
        else this.#states.set(who, state);
        this.#changed();
    }

    /**
     * @internal The confirmed state went on by an operation.
     * @param {any} operation
     * @param {string | null} who null: a range, which has no one author
     */
    passed(operation, who) {
        this.#told = this.#through(this.#told, operation, who === this.#exchange.peer?.who);
        for (const [one, state] of this.#states)
            this.#states.set(one, this.#through(state, operation, who === one));
    }

    /**
     * @internal What the user sees was changed.
     * @param {any[]} operations
     * @param {boolean} local
     */
    moved(operations, local) {
        const before = this.#own;
        for (const operation of operations) this.#own = this.#through(this.#own, operation, local);
        if (this.#own !== before) this.emit('own', this.#own);
        if (this.#states.size > 0) this.#changed();
    }

    #changed() {
        this.#others = null;
        this.emit('change', this.others);
    }

    /** The others, on what the user sees. */
    #seen() {
        const pending = this.#exchange.peer?.pending ?? [];
        const through = (/** @type {any} */ state, /** @type {{ operation: any }} */ one) =>
            this.#through(state, one.operation, false);
        /** @type {Map<string, any>} */
        const seen = new Map();
        for (const [who, state] of this.#states) seen.set(who, pending.reduce(through, state));
        return seen;
    }

    /**
     * @param {any} state
     * @param {any} operation
     * @param {boolean} own by who has the state
     */
    #through(state, operation, own) {
        const move = this.#exchange.peer?.type.movePosition;
        if (move === undefined || !Array.isArray(state?.cursor)) return state;
        const cursor = state.cursor.map((/** @type {number} */ at) => move(operation, at, own));
        return same(cursor, state.cursor) ? state : { ...state, cursor };
    }
}

/**
 * @param {any} one
 * @param {any} other
 */
function same(one, other) {
    return one === other || JSON.stringify(one) === JSON.stringify(other);
}
