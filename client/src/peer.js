import { canonical } from './canonical.js';
import { otherSide } from './types/type.js';

/** @typedef {import('./types/type.js').AnyType} AnyType */
/** @typedef {import('./document.js').Edit} Edit */

/**
 * Some operations of this client, composed to one. `bytes` is an upper bound of its JSON.
 *
 * @typedef {{ operation: any, bytes: number, edits: Edit[] }} Pending
 */

/**
 * What an arrival meant. `change` is what it did to the view, null when nothing; `edits` are the
 * application's edits that met their fate by it.
 *
 * @typedef {object} Outcome
 * @property {'own' | 'foreign' | 'skipped' | 'diverged' | 'refused' | 'opened'} event
 * @property {any} change
 * @property {Edit[]} edits
 * @property {number} seq of `own`
 */

/**
 * What a client keeps of a document to go on with it after a reload.
 *
 * @typedef {object} PeerRecord
 * @property {string} type
 * @property {number} seq
 * @property {number} epoch
 * @property {any} confirmed
 * @property {number} serial
 * @property {{ serial: number, operation: any, bytes: number } | null} inFlight
 * @property {{ operation: any, bytes: number }[]} queue
 */

/** An operation that is composed further would come near the largest message of a server. */
const COMPOSED_BYTES_MAX = 256 * 1024;

/**
 * The edit of somebody who is gone: nobody waits for its promise.
 *
 * @param {{ operation: any }} pending
 * @returns {Edit[]}
 */
function unheard({ operation }) {
    return [{ operation, resolve() {}, reject() {} }];
}

/** @type {Outcome} */
const SKIPPED = Object.freeze({ event: 'skipped', change: null, edits: [], seq: 0 });

/**
 * The client half of one document: shows its own edits at once, reconciles with the order.
 *
 *   confirmed (seq)  --in flight (serial, one)-->  .  --queue (to be composed)-->  view
 *
 * `confirmed` is what the server's stream made of the document up to `seq`. The operation in
 * flight and the queue are kept rebased: in flight applies to `confirmed`, the queue after it. A
 * foreign operation moves all three; one's own coming by in the stream is its acknowledgement.
 * Types whose transform is the identity reconcile by replay: the view is made again from
 * `confirmed`, in flight and queue.
 *
 * Pure: fed with what arrived, asked for what to send; the same states and words as ot/peer.h.
 * Methods that take what arrived throw when it cannot be; the caller then opens anew.
 */
export class Peer {
    /** @param {AnyType} type */
    constructor(type) {
        this.type = type;
        /** @type {string | null} */
        this.who = null;
        this.seq = 0;
        /** Of the operation at `seq`. */
        this.epoch = 0;
        /** Told before its first operation, and true from that one on. */
        this.nextEpoch = 0;
        /** @type {any} undefined until the first `opened` */
        this.confirmed = undefined;
        /** @type {any} */
        this.view = undefined;
        /** The last serial of the session that this document used. */
        this.serial = 0;
        /** @type {(Pending & { serial: number }) | null} */
        this.inFlight = null;
        /** @type {Pending[]} composed by halves, to be one message as far as one goes */
        this.queue = [];
        this.diverged = false;
        /** A serial that was sent and never gets a fate, 0 if none: its session is to be left. */
        this.abandoned = 0;
    }

    /** Everything is acknowledged. */
    get idle() {
        return this.inFlight === null && this.queue.length === 0;
    }

    /** @returns {Pending[]} */
    get pending() {
        return this.inFlight === null ? this.queue : [this.inFlight, ...this.queue];
    }

    /* ---- What the application does ---- */

    /**
     * Change the view at once. Throws, and changes nothing, when the operation does not fit.
     *
     * @param {any} operation in canonical form
     * @param {Edit} edit
     */
    edit(operation, edit) {
        this.view = this.type.apply(this.view, operation);
        this.queue.push({ operation, bytes: 3 * JSON.stringify(operation).length, edits: [edit] });
        while (this.queue.length > 1 && this.#joinLast(2));
    }

    /**
     * Compose the last two of the queue, unless the former is more than `ratio` times the latter:
     * so each edit is composed log n times, and a long time offline costs n log n.
     *
     * @param {number} ratio
     */
    #joinLast(ratio) {
        const [one, other] = this.queue.slice(-2);
        const bytes = one.bytes + other.bytes;
        if (one.bytes > ratio * other.bytes || bytes > COMPOSED_BYTES_MAX) return false;
        try {
            const operation = this.type.compose(one.operation, other.operation);
            this.queue.splice(-2, 2, { operation, bytes, edits: [...one.edits, ...other.edits] });
            return true;
        } catch {
            return false; /* a counter's sum: the two go one after the other */
        }
    }

    /* ---- What goes to the server ---- */

    /** The values of `open` that say where this client stands. */
    resume() {
        return {
            ...(this.seq > 0 && { from: this.seq, epoch: this.epoch }),
            ...(this.inFlight !== null && { pending: this.inFlight.serial }),
            ...(this.diverged && { diverged: true }),
        };
    }

    /**
     * Put the next operation in flight, unless one is. Operations that came to nothing are left
     * out; their edits are given back as done.
     *
     * @returns {Edit[]}
     */
    take() {
        /** @type {Edit[]} */
        const done = [];
        if (this.inFlight === null) this.#compose();
        while (this.inFlight === null && this.queue.length > 0) {
            const next = /** @type {Pending} */ (this.queue.shift());
            if (this.type.isEmpty(next.operation)) done.push(...next.edits);
            else this.inFlight = { ...next, serial: ++this.serial };
        }
        return done;
    }

    /** What goes in one message, from the end on: the queue's parts grow towards its beginning. */
    #compose() {
        /** @type {Pending[]} */
        const done = [];
        while (this.queue.length > 1)
            if (!this.#joinLast(Infinity)) done.unshift(/** @type {Pending} */ (this.queue.pop()));
        this.queue.push(...done);
    }

    /** What is in flight was never sequenced and never will be in this form: it waits again. */
    unsend() {
        if (this.inFlight === null) return;
        const { operation, bytes, edits, serial } = this.inFlight;
        this.queue.unshift({ operation, bytes, edits });
        this.inFlight = null;
        this.abandoned = serial;
    }

    /** A new session counts its serials from 1. */
    newSession() {
        this.unsend();
        this.serial = 0;
        this.abandoned = 0;
        this.who = null;
    }

    /* ---- What arrives ---- */

    /**
     * The answer to `open`. Without a snapshot the operations after `from` follow. A serial that
     * this client never used means that somebody else has its session; one that is lower than
     * those whose fate is known here, that the history was restored. What is in flight is then
     * this client's own to send again, under a new session.
     *
     * @param {object} opened
     * @param {any} [opened.snapshot]
     * @param {number} opened.seq
     * @param {number} opened.serial
     * @param {number} opened.epoch
     * @param {string} [opened.reload]
     * @returns {Outcome}
     */
    opened({ snapshot, seq, serial, epoch, reload }) {
        const firstOpen = this.inFlight?.serial ?? (this.abandoned || this.serial + 1);
        const ours = serial <= this.serial && serial + 1 >= firstOpen;
        const event = ours ? 'opened' : 'diverged';
        const lost = reload === 'restored' && (this.inFlight?.serial ?? 0) > serial;
        if (event === 'diverged' || lost) this.unsend();
        if (snapshot === undefined) return { ...SKIPPED, event };
        const change = this.#reload(this.type.create(snapshot), serial);
        this.seq = seq;
        this.epoch = this.nextEpoch = epoch;
        this.diverged = false;
        return { ...SKIPPED, event, change };
    }

    /**
     * What is pending is rebased over the difference to the snapshot, as over a composed range. An
     * operation in flight that the snapshot contains stays in flight as one that does nothing: sent
     * again, it is answered with its fate.
     *
     * @param {any} data
     * @param {number} serial the session's last one in it
     */
    #reload(data, serial) {
        const { type, inFlight, view } = this;
        const contained = inFlight !== null && inFlight.serial <= serial;
        if (this.confirmed !== undefined && !type.identity) {
            const { operation } = contained ? inFlight : { operation: type.empty };
            const before = type.apply(this.confirmed, operation);
            const rest = contained ? this.queue : this.pending;
            this.#move(rest, type.difference(before, data), 'second');
        }
        if (contained) inFlight.operation = type.empty;
        this.confirmed = data;
        this.#replay();
        return view === undefined ? null : type.difference(view, this.view);
    }

    /**
     * One operation of the stream.
     *
     * @param {number} seq
     * @param {string} who
     * @param {any} operation
     * @returns {Outcome}
     */
    operation(seq, who, operation) {
        if (!this.#isNext(seq)) return SKIPPED;
        const own = who === this.who;
        if (own && this.inFlight !== null && this.#inFlightIs(operation)) return this.#own(seq);
        const change = this.#foreign(operation, this.#side(who));
        this.#advance(seq);
        if (own) this.unsend();
        return { ...SKIPPED, event: own ? 'diverged' : 'foreign', change };
    }

    /**
     * A creation: takes its number; changes nothing where there is a document already.
     *
     * @param {number} seq
     * @param {any} data
     */
    made(seq, data) {
        if (!this.#isNext(seq)) return;
        if (this.confirmed === undefined)
            this.confirmed = this.view = this.type.create(data ?? undefined);
        this.#advance(seq);
    }

    /**
     * One operation for a range that ends at `toSeq`. It has no one author: what is pending goes
     * second.
     *
     * @param {number} toSeq
     * @param {any} operation
     * @param {number} epoch of the operation at `toSeq`
     * @returns {Outcome}
     */
    composed(toSeq, operation, epoch) {
        if (toSeq <= this.seq) return SKIPPED;
        const change = this.#foreign(operation, 'second');
        this.seq = toSeq;
        this.epoch = this.nextEpoch = epoch;
        return { ...SKIPPED, event: 'foreign', change };
    }

    /**
     * Refused for good: the serial is spent, its operation leaves the view, later edits stay.
     *
     * @param {number} serial
     * @returns {Outcome}
     */
    refused(serial) {
        const inFlight = this.inFlight;
        if (inFlight?.serial !== serial) return SKIPPED;
        const change = this.#withdraw();
        return { event: 'refused', change, edits: inFlight.edits, seq: 0 };
    }

    /**
     * The serial has its seq already. Behind what was read, `confirmed` holds it, and it must not
     * be in the view twice; ahead of it, it comes by in the stream.
     *
     * @param {number} serial
     * @param {number} seq
     * @returns {Outcome}
     */
    repeated(serial, seq) {
        if (this.inFlight?.serial !== serial || seq > this.seq) return SKIPPED;
        return { ...this.refused(serial), event: 'own', seq };
    }

    /**
     * The document is gone, and what was pending with it. A serial in flight stays in flight with
     * an operation that does nothing: whether it was used is not known, and none may be left out.
     *
     * @returns {Outcome}
     */
    drop() {
        const edits = this.pending.flatMap((pending) => pending.edits);
        const same = this.idle || this.view === undefined;
        const change = same ? null : this.type.difference(this.view, this.confirmed);
        if (this.inFlight !== null)
            this.inFlight = { ...this.inFlight, operation: this.type.empty, edits: [] };
        this.queue = [];
        this.view = this.confirmed;
        return { event: 'refused', change, edits, seq: 0 };
    }

    /* ---- To keep ---- */

    /** @returns {PeerRecord} */
    record() {
        const { type, seq, epoch, confirmed, serial, inFlight, queue } = this;
        return {
            type: type.name,
            seq,
            epoch,
            confirmed,
            serial,
            inFlight: inFlight && {
                serial: inFlight.serial,
                operation: inFlight.operation,
                bytes: inFlight.bytes,
            },
            queue: queue.map(({ operation, bytes }) => ({ operation, bytes })),
        };
    }

    /**
     * @param {AnyType} type
     * @param {PeerRecord} record
     */
    static restore(type, record) {
        const peer = new Peer(type);
        peer.seq = record.seq;
        peer.epoch = peer.nextEpoch = record.epoch;
        peer.confirmed = record.confirmed;
        peer.serial = record.serial;
        peer.inFlight = record.inFlight && { ...record.inFlight, edits: unheard(record.inFlight) };
        peer.queue = record.queue.map((pending) => ({ ...pending, edits: unheard(pending) }));
        peer.#replay();
        return peer;
    }

    /* ---- Inside ---- */

    /**
     * False for what is known already: a frame may begin before a reader's place.
     *
     * @param {number} seq
     */
    #isNext(seq) {
        if (seq > this.seq + 1) throw new Error(`operation ${seq} came after ${this.seq}`);
        return seq > this.seq;
    }

    /** @param {number} seq */
    #advance(seq) {
        this.seq = seq;
        this.epoch = this.nextEpoch;
    }

    /**
     * Some say what they delete, or leave neighbours apart, and mean the same.
     *
     * @param {any} operation
     */
    #inFlightIs(operation) {
        const [theirs, ours] = [operation, this.inFlight?.operation].map(this.type.normalize);
        return canonical(theirs) === canonical(ours);
    }

    /**
     * @param {number} seq
     * @returns {Outcome}
     */
    #own(seq) {
        const { operation, edits } = /** @type {Pending} */ (this.inFlight);
        this.confirmed = this.type.apply(this.confirmed, operation);
        this.inFlight = null;
        if (this.idle) this.view = this.confirmed;
        this.#advance(seq);
        return { event: 'own', change: null, edits, seq };
    }

    /**
     * Where our pending operations go beside one of `who` that has its seq already: the rule is
     * ours, because it is ours that will be sequenced.
     *
     * @param {string} who
     */
    #side(who) {
        if (!this.type.whoBreaksTies) return this.type.left;
        return this.who !== null && this.who < who ? 'first' : 'second';
    }

    /**
     * Somebody else's operation on `confirmed`.
     *
     * @param {any} operation
     * @param {'first' | 'second'} side of what is pending
     */
    #foreign(operation, side) {
        const { type, view } = this;
        operation = type.decode(operation);
        const confirmed = type.apply(this.confirmed, operation);
        const change = this.#move(this.pending, operation, side);
        this.confirmed = confirmed;
        if (this.idle) this.view = confirmed;
        else if (!type.identity) this.view = type.apply(view, change);
        else this.#replay();
        /* Replayed, the view may have kept its own: a property that is set here, and unsent. */
        return type.identity && !this.idle ? type.difference(view, this.view) : change;
    }

    /** Take what is in flight out of the view, by its inverse as a foreign operation. */
    #withdraw() {
        const { type, view, inFlight } = this;
        const { operation } = /** @type {Pending} */ (inFlight);
        let change = type.identity ? null : type.invert(operation, this.confirmed);
        if (change !== null) change = this.#move(this.queue, change, 'second');
        this.inFlight = null;
        this.#replay();
        return change ?? type.difference(view, this.view);
    }

    /**
     * Rebase pending operations over one before them; gives that one as it is after them.
     *
     * @param {Pending[]} pending
     * @param {any} operation
     * @param {'first' | 'second'} side of what is pending
     */
    #move(pending, operation, side) {
        const { transform, identity } = this.type;
        if (identity) return operation;
        const rebased = pending.map((one) => {
            const moved = transform(one.operation, operation, side);
            operation = transform(operation, one.operation, otherSide(side));
            return moved;
        });
        pending.forEach((one, index) => (one.operation = rebased[index]));
        return operation;
    }

    /** Make the view again. In a type with the identity transform, what does not fit is no step. */
    #replay() {
        this.view = this.confirmed;
        if (this.view === undefined) return;
        for (const { operation } of this.pending) {
            try {
                this.view = this.type.apply(this.view, operation);
            } catch (error) {
                if (!this.type.identity) throw error;
            }
        }
    }
}
