import { Emitter } from './emitter.js';
import { Exchange } from './exchange.js';
import { Saver } from './saver.js';
import { STATUS, TuttiError } from './status.js';

/** @typedef {import('./exchange.js').Want} Want */

/**
 * One change by the application, until its fate is known.
 *
 * @typedef {object} Edit
 * @property {any} operation as it was made
 * @property {(ack: { seq: number }) => void} resolve
 * @property {(error: TuttiError) => void} reject
 */

/**
 * @typedef {object} DocumentEvents
 * @property {null} opened on this connection: the server has told where it stands
 * @property {{ operations: any[], local: boolean }} change what was done to `data`, in order
 * @property {'synced' | 'saving' | 'offline'} sync
 * @property {{ error: TuttiError, operations: any[] }} refused edits that left `data` again
 * @property {null} diverged this copy was not what the server has, and was made anew
 * @property {TuttiError} closed for good: deleted, or no longer allowed
 */

/**
 * A document that is open: `data` shows one's own changes at once and everybody's in the one
 * order that the server gave them.
 *
 * @extends {Emitter<DocumentEvents>}
 */
export class Document extends Emitter {
    /** @type {TuttiError | null} why it was closed for good */
    error = null;
    #client;
    /** @type {DocumentEvents['sync']} as it was last told */
    #told = /** @type {DocumentEvents['sync']} */ ('offline');
    /** @type {((error: TuttiError | null) => void)[]} */
    #waiting = [];
    #saver = new Saver(() => this.#write());

    /**
     * Made by `client.open`.
     *
     * @param {string} name
     * @param {Want} want
     * @param {import('./peer.js').Peer | null} peer what the storage had
     * @param {import('./client.js').Client} client
     */
    constructor(name, want, peer, client) {
        super();
        this.name = name;
        this.#client = client;
        /** @internal */
        this.exchange = new Exchange(name, want, peer, client, {
            opened: () => this.emit('opened', null),
            changed: (operations) => this.emit('change', { operations, local: false }),
            settled: (edits, seq) => edits.forEach((edit) => edit.resolve({ seq })),
            refused: (edits, error) => this.#refused(edits, error),
            diverged: () => this.emit('diverged', null),
            closed: (error) => this.#closed(error),
            moved: () => this.#moved(),
        });
    }

    get #peer() {
        if (this.exchange.peer === null) throw new Error(`${this.name} is not open yet`);
        return this.exchange.peer;
    }

    /** What the user sees; immutable. */
    get data() {
        return this.#peer.view;
    }

    get type() {
        return this.#peer.type;
    }

    /** The number of the last operation of others, or acknowledged one, that `data` contains. */
    get seq() {
        return this.#peer.seq;
    }

    /**
     * `synced`: everything here is durable at the server, and everything there is here. `saving`:
     * it is being worked on. `offline`: there is no connection; changes are kept.
     */
    get sync() {
        if (!this.#client.online || this.exchange.state === 'closed') return 'offline';
        return this.exchange.caughtUp && this.#peer.idle ? 'synced' : 'saving';
    }

    /**
     * Change the document with the methods of its type's draft:
     * `doc.change((text) => text.insert(0, 'Title'))`.
     *
     * @param {(draft: any) => void} make
     * @returns {Promise<{ seq: number }>} as `submit`
     */
    change(make) {
        const draft = this.type.draft(this.data);
        make(draft);
        return this.submit(draft.operation);
    }

    /**
     * Apply an operation of the document's type. `data` has it at once. Throws when it does not
     * fit, and then changes nothing.
     *
     * @param {any} operation
     * @returns {Promise<{ seq: number }>} resolves once it is durable; rejects when it was refused
     *     for good, and then `data` has it no more. May be ignored: `refused` tells too.
     */
    submit(operation) {
        if (this.error !== null) throw this.error;
        const normal = this.type.normalize(operation);
        this.#client.checkSize(normal);
        const done = new Promise((resolve, reject) =>
            this.#peer.edit(normal, { operation: normal, resolve, reject }),
        );
        done.catch(() => {});
        this.emit('change', { operations: [normal], local: true });
        this.exchange.flush();
        if (!this.exchange.caughtUp) this.store();
        this.#moved();
        return /** @type {Promise<{ seq: number }>} */ (done);
    }

    /** @returns {Promise<void>} resolves when no change waits for its acknowledgement any more */
    saved() {
        if (this.error !== null) return Promise.reject(this.error);
        if (this.#peer.idle) return Promise.resolve();
        return new Promise((resolve, reject) =>
            this.#waiting.push((error) => (error === null ? resolve() : reject(error))),
        );
    }

    /** Leave the document. What is pending stays in the storage and goes out at the next `open`. */
    close() {
        this.#client.leave(this.name);
    }

    /* ---- For the client ---- */

    /** @internal the connection was lost or is there again */
    connection(/** @type {boolean} */ online) {
        if (online) this.exchange.connected();
        else this.exchange.disconnected();
        if (!online) this.store();
        if (this.exchange.peer !== null) this.#moved();
    }

    /** @internal nobody holds it any more */
    left() {
        this.error = new TuttiError(STATUS.NOT_OPEN, 'the document was left');
        this.exchange.leave();
        this.store();
        this.#moved();
    }

    /** @internal */
    store() {
        return this.#saver.save();
    }

    async #write() {
        const { peer } = this.exchange;
        if (peer?.confirmed !== undefined) await this.#client.write(this.name, peer.record());
    }

    /**
     * @param {Edit[]} edits
     * @param {TuttiError} error
     */
    #refused(edits, error) {
        this.emit('refused', { error, operations: edits.map(({ operation }) => operation) });
        edits.forEach(({ reject }) => reject(error));
    }

    /** @param {TuttiError} error */
    #closed(error) {
        this.error = error;
        this.emit('closed', error);
        this.#moved();
        this.#client.ended(this.name);
    }

    #moved() {
        if (this.exchange.peer === null || this.exchange.peer.idle || this.error !== null)
            this.#waiting.splice(0).forEach((tell) => tell(this.error));
        const sync = this.sync;
        if (sync === this.#told) return;
        this.#told = sync;
        this.emit('sync', sync);
    }
}
