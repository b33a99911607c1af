import { Emitter } from './emitter.js';
import { Exchange } from './exchange.js';
import { History } from './history.js';
import { Presence } from './presence.js';
import { Saver } from './saver.js';
import { STATUS, TuttiError } from './status.js';
import { Undo } from './undo.js';

/** @typedef {import('./exchange.js').Want} Want */
/** @typedef {import('./types/type.js').AnyType} AnyType */

/**
 * The types that come with the client; any other name is one's own.
 *
 * @typedef {object} Kinds
 * @property {import('./types/kinds.js').Text} text
 * @property {import('./types/kinds.js').Rich} rich
 * @property {import('./types/kinds.js').Json0} json0
 * @property {import('./types/kinds.js').Counter} counter
 * @property {import('./types/kinds.js').Tree} tree
 */

/**
 * @template Name
 * @typedef {0 extends 1 & Name ? import('./types/kinds.js').Any
 *     : Name extends keyof Kinds ? Kinds[Name] : import('./types/kinds.js').Any} Kind
 */

/**
 * One change by the application, until its fate is known.
 *
 * @typedef {object} Edit
 * @property {any} operation as it was made
 * @property {(ack: { seq: number }) => void} resolve
 * @property {(error: TuttiError) => void} reject
 */

/**
 * What was done to `data`: the operations, in order, make of the data before the one now.
 *
 * @typedef {{ operations: any[], local: boolean, source: any }} Change `local`: by this client;
 *     `source`: what was told to `submit`, else null
 */

/**
 * @typedef {object} DocumentEvents
 * @property {null} opened on this connection: the server has told where it stands
 * @property {Change} change
 * @property {{ who: string | null, operation: any }} operation of somebody else, as it was put in
 *     order; null: of several
 * @property {'synced' | 'saving' | 'offline'} sync
 * @property {{ error: TuttiError, operations: any[] }} refused edits that left `data` again
 * @property {null} diverged this copy was not what the server has, and was made anew
 * @property {TuttiError} closed for good: deleted, or no longer allowed
 * @property {{ who: string, event: any }} said by somebody, to all or to us
 */

/**
 * How an edit is made. `source` comes back in its `change` event; `undoable` false: it is no step
 * of `undo`.
 *
 * @typedef {{ source?: any, undoable?: boolean }} EditOptions
 */

/**
 * A document that is open: `data` shows one's own changes at once and everybody's in the one
 * order that the server gave them.
 *
 * @template [Name=any] of the type
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
    /** @type {any[]} what other tabs have pending, shown on top of the peer's view */
    #overlay = [];
    /** @type {any} the view with that; of no meaning without */
    #seen;
    #toldSiblings = false;

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
            opened: () => this.#opened(),
            changed: (operations) => this.#changed(operations),
            passed: (operation, who, before) => this.#passed(operation, who, before),
            told: (message) => this.#heard(message),
            settled: (edits, seq) => edits.forEach((edit) => edit.resolve({ seq })),
            refused: (edits, error) => this.#refused(edits, error),
            diverged: () => this.emit('diverged', null),
            closed: (error) => this.#closed(error),
            store: () => this.store(),
            moved: () => this.#moved(),
        });
        this.presence = new Presence(this.exchange, client.clock);
        this.undo = new Undo(this, client.clock.now);
        this.history = new History(this, client);
    }

    get #peer() {
        if (this.exchange.peer === null) throw new Error(`${this.name} is not open yet`);
        return this.exchange.peer;
    }

    /**
     * What the user sees; immutable.
     *
     * @returns {Kind<Name>['data']}
     */
    get data() {
        return this.#overlay.length > 0 ? this.#seen : this.#peer.view;
    }

    /** @returns {Kind<Name>['type']} */
    get type() {
        return /** @type {any} */ (this.#peer.type);
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
     * @param {(draft: Kind<Name>['draft']) => void} make
     * @param {EditOptions} [options]
     * @returns {Promise<{ seq: number }>} as `submit`
     */
    change(make, options) {
        const { type } = this.#peer;
        const draft = type.draft(this.data, () => this.#client.newId());
        make(draft);
        return this.submit(draft.operation, options);
    }

    /**
     * Apply an operation of the document's type. `data` has it at once. Throws when it does not
     * fit, and then changes nothing.
     *
     * @param {Kind<Name>['operation']} operation
     * @param {EditOptions} [options]
     * @returns {Promise<{ seq: number }>} resolves once it is durable; rejects when it was refused
     *     for good, and then `data` has it no more. May be ignored: `refused` tells too.
     */
    submit(operation, { source = null, undoable = true } = {}) {
        if (this.error !== null) throw this.error;
        const peer = this.#peer;
        const normal = peer.type.normalize(operation);
        if (peer.type.isEmpty(normal)) return this.saved().then(() => ({ seq: peer.seq }));
        this.#client.checkSize(normal);
        const before = this.data;
        const done = new Promise((resolve, reject) =>
            this.#edit(normal, { operation: normal, resolve, reject }),
        );
        done.catch(() => {});
        if (undoable) this.undo.made(normal, before);
        else this.undo.moved(normal);
        this.presence.moved([normal], true);
        this.emit('change', { operations: [normal], local: true, source });
        this.look();
        this.tellSiblings();
        if (!this.exchange.flush()) this.store();
        this.#moved();
        return /** @type {Promise<{ seq: number }>} */ (done);
    }

    /**
     * @param {any} operation on what the user sees
     * @param {Edit} edit
     */
    #edit(operation, edit) {
        const peer = this.#peer;
        if (this.#overlay.length === 0) return peer.edit(operation, edit);
        const seen = peer.type.apply(this.#seen, operation);
        const { siblings } = this.#client;
        peer.edit(siblings?.below(peer.type, operation, peer.view, this.#overlay), edit);
        this.#seen = seen;
    }

    /** @returns {Promise<void>} resolves when no change waits for its acknowledgement any more */
    saved() {
        if (this.error !== null) return Promise.reject(this.error);
        if (this.#peer.idle) return Promise.resolve();
        return new Promise((resolve, reject) =>
            this.#waiting.push((error) => (error === null ? resolve() : reject(error))),
        );
    }

    /**
     * Tell those who have the document open, once: nothing is stored.
     *
     * @param {any} event any JSON, not large
     * @param {string} [to] the `who` of one of them
     */
    say(event, to) {
        if (to === undefined) this.exchange.send('say', event);
        else this.exchange.send('say', event, to);
    }

    /** Leave the document. What is pending is sent first, by the next client if need be. */
    close() {
        this.#client.leave(this.name);
    }

    /* ---- For the client ---- */

    /** @internal the connection was lost or is there again */
    connection(/** @type {boolean} */ online) {
        if (online) this.exchange.connected();
        else this.exchange.disconnected();
        if (!online) this.presence.forget();
        if (!online) this.store();
        if (!online) this.#client.siblings?.ask(this.name);
        if (this.exchange.peer !== null) this.#moved();
    }

    /** @internal What other tabs have pending, or what it is shown on, may have changed. */
    look() {
        const { siblings } = this.#client;
        const { peer, caughtUp } = this.exchange;
        if (siblings === undefined || peer?.view === undefined || this.error !== null) return;
        const before = this.data;
        this.#overlay = caughtUp ? [] : siblings.overlay(this.name, peer);
        this.#seen = this.#overlay.reduce(peer.type.apply, peer.view);
        const change = before === this.data ? null : peer.type.difference(before, this.data);
        if (change !== null && !peer.type.isEmpty(change)) this.#shown([change]);
    }

    /** @internal Other tabs show what we have pending, until we are connected. */
    tellSiblings() {
        const { siblings } = this.#client;
        const { peer, caughtUp } = this.exchange;
        const nothing = caughtUp || peer === null || peer.idle;
        if (siblings === undefined || (nothing && !this.#toldSiblings)) return;
        this.#toldSiblings = !nothing;
        if (nothing) return siblings.tell(this.name, null);
        const operations = peer.pending.map(({ operation }) => operation);
        siblings.tell(this.name, { seq: peer.seq, epoch: peer.epoch, operations });
    }

    /** @internal nobody holds it any more */
    async left() {
        this.error = new TuttiError(STATUS.NOT_OPEN, 'the document was left');
        this.exchange.leave();
        this.presence.forget();
        this.#moved();
        await this.store();
    }

    /** @internal */
    store() {
        return this.#saver.save();
    }

    async #write() {
        const { peer } = this.exchange;
        if (peer !== null) await this.#client.write(this.name, peer.record());
    }

    /* ---- What the exchange tells ---- */

    #opened() {
        this.presence.forget();
        this.emit('opened', null);
    }

    /** @param {any[]} operations */
    #changed(operations) {
        if (this.#overlay.length > 0) this.look();
        else this.#shown(operations);
    }

    /** @param {any[]} operations */
    #shown(operations) {
        operations.forEach((operation) => this.undo.moved(operation));
        this.presence.moved(operations, false);
        this.emit('change', { operations, local: false, source: null });
    }

    /**
     * @param {any} operation
     * @param {string | null} who
     * @param {any} before
     */
    #passed(operation, who, before) {
        this.presence.passed(operation, who);
        if (who !== this.#client.who) this.emit('operation', { who, operation });
        else this.undo.confirmed(operation, before);
    }

    /** @param {any[]} message */
    #heard([kind, , ...rest]) {
        if (kind === 'say') this.emit('said', { who: rest[0], event: rest[1] });
        else if (kind === 'here' && rest.length === 1) this.presence.clear();
        else if (kind === 'here') this.presence.heard(rest[1], rest[2]);
    }

    /**
     * @param {Edit[]} edits
     * @param {TuttiError} error
     */
    #refused(edits, error) {
        const operations = edits.map(({ operation }) => operation);
        this.undo.refused(operations);
        edits.forEach(({ reject }) => reject(error));
        if (operations.length === 0) return;
        this.emit('refused', { error, operations });
        this.#client.emit('refused', { name: this.name, error, operations });
    }

    /** @param {TuttiError} error */
    #closed(error) {
        this.error = error;
        this.presence.forget();
        this.emit('closed', error);
        this.#moved();
        this.#client.ended(this.name);
    }

    #moved() {
        if (this.#overlay.length > 0) this.look();
        this.tellSiblings();
        this.presence.flush();
        if (this.exchange.peer === null || this.exchange.peer.idle || this.error !== null)
            this.#waiting.splice(0).forEach((tell) => tell(this.error));
        const sync = this.sync;
        if (sync === this.#told) return;
        this.#told = sync;
        this.emit('sync', sync);
    }
}
