import { Backoff } from './backoff.js';
import { canonical } from './canonical.js';
import { Peer } from './peer.js';
import { hash64 } from './sha256.js';
import { STATUS, statusClass, TuttiError } from './status.js';

/** @typedef {import('./document.js').Edit} Edit */
/** @typedef {import('./types/type.js').AnyType} AnyType */

/**
 * What the application asks for. `create` makes the document where there is none, empty or from
 * `data`; it needs `type`.
 *
 * @typedef {{ type?: string, create?: boolean, data?: any }} Want
 */

/**
 * What an exchange tells the document that it works for.
 *
 * @typedef {object} ExchangeListener
 * @property {() => void} opened there is data, and the connection
 * @property {(change: any[]) => void} changed operations on the view, by others
 * @property {(operation: any, who: string | null, before: any) => void} passed the confirmed
 *     state `before` went on; `who` null: over a range
 * @property {(message: any[]) => void} told about presence, or a signal
 * @property {(edits: Edit[], seq: number) => void} settled durable
 * @property {(edits: Edit[], error: TuttiError) => void} refused for good, and out of the view
 * @property {() => void} diverged
 * @property {(error: TuttiError) => void} closed for good
 * @property {() => Promise<void>} store the peer as it is now
 * @property {() => void} moved something that `sync` is made of may have changed
 */

/**
 * One document's half of the protocol: opens it on each connection, sends what is pending, one
 * operation at a time, and brings each serial to its one fate.
 *
 *   idle --connected--> opening --opened--> open --closed--> closed
 *    ^                     ^                  |  for now
 *    |                     +----- waiting <---+
 *    +--disconnected-- from each but `closed`
 *
 * Open, but not yet read to the end of the answer, it sends nothing: what was in flight is sent
 * again in the form that follows all it was told of.
 */
export class Exchange {
    /** @type {'idle' | 'opening' | 'open' | 'waiting' | 'closed'} */
    state = 'idle';
    channel = 0;
    #name;
    #want;
    #client;
    #listener;
    #backoff;
    /** The end of the answer to `open`. */
    #until = 0;
    /** What is in flight has been sent on this connection and waits for its fate. */
    #sent = false;
    #sentBase = 0;
    #storing = false;
    /**
     * What is stored would not lead to the form that is to be sent: it is new, or was moved over a
     * range that whoever comes back would be told step by step.
     */
    #unstored = true;
    /** @type {any} runs while a refusal for now is waited out, and while `waiting` */
    #delay = null;
    /** @type {any[][] | null} what arrived while the document's type is being loaded */
    #held = null;
    /** States are compared after each operation whose seq is a multiple of this. */
    #checkEvery = Infinity;
    #openedAt = 0;

    /**
     * @param {string} name
     * @param {Want} want
     * @param {Peer | null} peer null: `opened` will tell the type
     * @param {import('./client.js').Client} client
     * @param {ExchangeListener} listener
     */
    constructor(name, want, peer, client, listener) {
        this.#name = name;
        this.#want = want;
        this.peer = peer;
        this.#client = client;
        this.#listener = listener;
        this.#backoff = new Backoff(client.random);
    }

    /** Everything that the server had at `open` has been read. */
    get caughtUp() {
        return this.state === 'open' && this.peer !== null && this.peer.seq >= this.#until;
    }

    get inFlight() {
        return this.peer !== null && this.peer.inFlight !== null;
    }

    /* ---- The connection ---- */

    connected() {
        if (this.state === 'closed') return;
        const { peer } = this;
        if (peer !== null) peer.who = this.#client.who;
        const want = peer?.confirmed === undefined ? this.#want : { type: peer.type.name };
        this.#client.send(['open', this.#name, { ...want, ...peer?.resume() }]);
        this.#become('opening');
    }

    disconnected() {
        if (this.state !== 'closed') this.#become('idle');
    }

    /** The document is not wanted any more. */
    leave() {
        if (this.state === 'open') this.send('close');
        this.#become('closed');
    }

    /**
     * A message about the open document.
     *
     * @param {string} kind
     * @param {any[]} rest
     */
    send(kind, ...rest) {
        if (this.state === 'open') this.#client.send([kind, this.channel, ...rest]);
    }

    /**
     * Something to send may have come up.
     *
     * @returns {boolean} all that is pending is being stored now
     */
    flush() {
        const { peer } = this;
        if (peer === null || !this.caughtUp || this.#delay !== null || this.#storing) return false;
        if (peer.inFlight === null && !this.#client.renewing) {
            const done = peer.take();
            if (done.length > 0) this.#fate(() => this.#listener.settled(done, peer.seq));
            this.#unstored = true;
        }
        if (peer.inFlight === null || this.#sent) return false;
        if (this.#unstored) {
            this.#store();
            return true;
        }
        this.#sent = true;
        this.#sentBase = peer.seq;
        const { serial, operation } = peer.inFlight;
        this.#client.send([this.channel, serial, peer.seq, operation]);
        return false;
    }

    /** An operation is stored before it is sent. */
    async #store() {
        this.#storing = true;
        this.#unstored = false;
        await this.#listener.store();
        this.#storing = false;
        this.flush();
    }

    /* ---- What arrives ---- */

    /**
     * A message that names this document or its channel.
     *
     * @param {any[]} message
     */
    handle(message) {
        const [kind] = message;
        if (this.#held !== null) return void this.#held.push(message);
        if (kind === 'opened') return this.#opened(message);
        if (kind === 'closed') return this.#closed(message[1], message[2], message[3]);
        if (this.state !== 'open') return; /* of before: the answer to `open` tells it anew */
        try {
            this.#stream(message);
        } catch (error) {
            this.#lostTrack(String(error));
        }
        this.#advanced();
    }

    /** @param {any[]} message */
    #stream(message) {
        const peer = /** @type {Peer} */ (this.peer);
        const [kind] = message;
        if (typeof kind === 'number') this.#operations(message);
        else if (kind === 'composed') this.#composed(message);
        else if (kind === 'made') peer.made(message[2], message[5]);
        else if (kind === 'epoch') peer.nextEpoch = message[2];
        else if (kind === 'refused') this.#refused(message[2], message[3], message[4], message[5]);
        else if (kind === 'diverged') throw new Error(`operation ${message[2]} led elsewhere`);
        else this.#listener.told(message);
    }

    /** @param {any[]} message `[channel, seq, who, operation, who, operation, …]` */
    #operations(message) {
        const peer = /** @type {Peer} */ (this.peer);
        const outcomes = [];
        try {
            for (let at = 2; at < message.length; at += 2) {
                const seq = message[1] + (at - 2) / 2;
                const [who, operation] = [message[at], message[at + 1]];
                const before = peer.confirmed;
                const outcome = peer.operation(seq, who, operation);
                if (outcome.event === 'skipped') continue;
                outcomes.push(outcome);
                this.#listener.passed(operation, who, before);
                if (seq % this.#checkEvery === 0)
                    this.send('check', seq, hash64(canonical(peer.confirmed)));
            }
        } finally {
            this.#tell(outcomes);
        }
    }

    /** @param {any[]} message `["composed", channel, toSeq, operation, epoch]` */
    #composed([, , toSeq, operation, epoch]) {
        const peer = /** @type {Peer} */ (this.peer);
        const before = peer.confirmed;
        const outcome = peer.composed(toSeq, operation, epoch);
        this.#unstored = true;
        if (outcome.event !== 'skipped') this.#listener.passed(operation, null, before);
        this.#tell([outcome]);
    }

    /** @param {any[]} message `["opened", channel, name, seq, options]` */
    #opened(message) {
        if (this.state !== 'opening') return;
        const [, channel, , seq, options] = message;
        if (!this.#client.types.has(options.type)) return this.#load(options.type, message);
        const type = /** @type {AnyType} */ (this.#client.types.get(options.type));
        if (this.peer === null) this.peer = new Peer(type);
        if (this.peer.confirmed === undefined) this.peer.type = type;
        this.peer.who = this.#client.who;
        this.channel = channel;
        this.#until = seq;
        this.#checkEvery = options.check_every ?? Infinity;
        this.#openedAt = this.#client.clock.now();
        this.#become('open');
        if (options.snapshot !== undefined) this.#unstored = true;
        if (options.reload === 'deleted')
            this.#drop(new TuttiError(STATUS.DELETED, 'it was deleted'));
        try {
            this.#tell([this.peer.opened({ ...options, seq })]);
        } catch (error) {
            return this.#lostTrack(String(error));
        }
        if (options.reload === 'restored') this.#client.renew();
        this.#listener.opened();
        this.#advanced();
    }

    /**
     * Who opened it did not know its type: it is loaded now, and what arrives meanwhile waits.
     *
     * @param {string} type
     * @param {any[]} message
     */
    async #load(type, message) {
        const held = (this.#held = [message]);
        const error = await this.#client.loadType(type).then(
            () => null,
            (/** @type {any} */ reason) => reason,
        );
        if (this.#held !== held) return; /* the connection was lost over it */
        this.#held = null;
        if (error !== null) return this.#end(new TuttiError(STATUS.TYPE_UNKNOWN, String(error)));
        held.forEach((one) => this.handle(one));
    }

    /**
     * First what the view has become, then what has become of the edits.
     *
     * @param {import('./peer.js').Outcome[]} outcomes in order
     * @param {TuttiError} [error] why they were refused
     */
    #tell(outcomes, error) {
        const { type } = /** @type {Peer} */ (this.peer);
        const changes = outcomes
            .map(({ change }) => change)
            .filter((change) => change !== null && !type.isEmpty(change));
        if (changes.length > 0) this.#listener.changed(changes);
        for (const { event, edits, seq } of outcomes)
            if (event === 'own') this.#fate(() => this.#listener.settled(edits, seq));
            else if (event === 'refused')
                this.#fate(() => this.#listener.refused(edits, /** @type {TuttiError} */ (error)));
            else if (event === 'diverged') this.#diverged();
    }

    /**
     * @param {number} serial
     * @param {number} code
     * @param {string} text
     * @param {{ retry_after_ms?: number, seq?: number }} [more]
     */
    #refused(serial, code, text, more = {}) {
        const peer = /** @type {Peer} */ (this.peer);
        if (peer.inFlight?.serial !== serial) return;
        if (code === STATUS.REPEATED) return this.#tell([peer.repeated(serial, more.seq ?? 0)]);
        const error = new TuttiError(code, text);
        if (error.class === 'fix' || error.class === 'final')
            return this.#tell([peer.refused(serial)], error);
        this.#sent = false;
        if (error.class === 'login') this.#client.renewToken();
        if (code === STATUS.WHO_TAKEN) {
            peer.unsend();
            return this.#client.renew();
        }
        const rebased = code === STATUS.REBASE && peer.seq > this.#sentBase;
        if (!rebased) this.#wait(more.retry_after_ms, () => this.flush());
    }

    /**
     * A serial is done with.
     *
     * @param {() => void} tell
     */
    #fate(tell) {
        this.#sent = false;
        tell();
        this.#client.fated(this.#name);
    }

    #advanced() {
        this.flush();
        this.#listener.moved();
    }

    /* ---- Trouble ---- */

    /**
     * The operation came by in another form than ours, or from somebody with our session: ours
     * waits again, to be sent under a new one.
     */
    #diverged() {
        this.#sent = false;
        this.#listener.diverged();
        this.#client.renew();
    }

    /**
     * The stream cannot be followed from where we are: ask for the document as it is.
     *
     * @param {string} _reason
     */
    #lostTrack(_reason) {
        const peer = /** @type {Peer} */ (this.peer);
        peer.diverged = true;
        this.#listener.diverged();
        this.#client.send(['close', this.channel]);
        this.#openLater();
    }

    /**
     * @param {number | string} place
     * @param {number} code
     * @param {string} text
     */
    #closed(place, code, text) {
        const of = typeof place === 'string' ? 'opening' : 'open';
        if (this.state !== of) return; /* about what was left already */
        const what = statusClass(code);
        if (what === 'login') this.#client.renewToken();
        if (what === 'retry' || what === 'login') this.#openLater();
        else this.#end(new TuttiError(code, text));
    }

    #openLater() {
        this.#become('waiting');
        this.#wait(undefined, () => this.connected());
        this.#listener.moved();
    }

    /** @param {TuttiError} error */
    #end(error) {
        this.#become('closed');
        this.#drop(error);
        this.#listener.closed(error);
    }

    /**
     * Pending edits are handed back to the application.
     *
     * @param {TuttiError} error
     */
    #drop(error) {
        if (this.peer !== null && !this.peer.idle) this.#tell([this.peer.drop()], error);
    }

    /**
     * @param {number | undefined} ms
     * @param {() => void} run
     */
    #wait(ms, run) {
        const { clock } = this.#client;
        clock.clearTimeout(this.#delay);
        const held = clock.now() - this.#openedAt;
        this.#delay = clock.setTimeout(() => {
            this.#delay = null;
            run();
        }, ms ?? this.#backoff.next(held));
    }

    /** @param {Exchange['state']} state */
    #become(state) {
        this.state = state;
        this.#held = null;
        this.#sent = false;
        this.#client.clock.clearTimeout(this.#delay);
        this.#delay = null;
    }
}
