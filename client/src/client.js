import { Connection } from './connection.js';
import { Document } from './document.js';
import { Emitter } from './emitter.js';
import { Peer } from './peer.js';
import { Questions } from './questions.js';
import { drawIds, drawSession } from './session.js';
import { STATUS, TuttiError } from './status.js';
import { memoryStorage } from './storage/storage.js';

/** @typedef {import('./types/type.js').AnyType} AnyType */
/** @typedef {import('./connection.js').ConnectionStatus} ConnectionStatus */
/** @typedef {import('./exchange.js').Want} Want */

/**
 * A document type, or how to get it when the first document needs it.
 *
 * @typedef {AnyType | (() => Promise<AnyType>)} TypeSource
 */

/**
 * @typedef {object} ClientOptions
 * @property {Record<string, TypeSource>} types what kinds of documents it can open
 * @property {string | (() => string | Promise<string>)} [token] who the user is; a function is
 *     asked on each connection, and when the server wants a new one
 * @property {string} [name] of the application, for the server's logs
 * @property {import('./storage/storage.js').Storage} [storage] where edits survive; in memory by
 *     default
 * @property {typeof WebSocket} [webSocket] where the platform's own will not do
 * @property {import('./connection.js').Clock} [clock]
 * @property {() => number} [random]
 * @property {(count: number) => Uint8Array} [randomBytes]
 */

/**
 * Edits of a document that nobody here has open: an earlier client left them behind.
 *
 * @typedef {{ name: string, error: TuttiError, operations: any[] }} Refused
 */

/** @type {import('./connection.js').Clock} */
const PLATFORM_CLOCK = {
    now: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * One client instance: one session, one connection, the documents that are open.
 *
 * `error` tells of a storage that failed: edits go on, but may not survive a reload. `refused`
 * tells of edits in any document; `quiet`, that no document is open any more.
 *
 * @extends {Emitter<{ status: ConnectionStatus, error: unknown, refused: Refused, quiet: null }>}
 */
export class Client extends Emitter {
    /** Who we are to the others; null before the first `welcome`. */
    /** @type {string | null} */
    who = null;
    user = '';
    /** Under way to a new session: nothing new is sent until what was sent has its fate. */
    renewing = false;
    /** @type {Map<string, AnyType>} that are loaded */
    types = new Map();
    /** @type {Promise<any> | null} the last records of the old session are being stored */
    #drawing = null;
    /** @type {Promise<any>} what is left is being stored: who opens it again finds it whole */
    #leaving = Promise.resolve();
    #connection;
    /** @type {import('./storage/storage.js').Storage} */
    #storage;
    #url;
    #options;
    #messageBytesMax = 1 << 20;
    /** @type {import('./session.js').Session} */
    #session;
    #started;
    #ids;
    /** @type {Map<string, { document: Document, opened: Promise<Document>, holders: number }>} */
    #open = new Map();
    /** @type {Map<number, Document>} by the number that the server gave on this connection */
    #channels = new Map();
    #questions = new Questions((message) => this.send(message));
    /** @type {Set<Client>} that bring what others left behind to its fate */
    #couriers = new Set();

    /**
     * @param {string} url `ws:` or `wss:`
     * @param {ClientOptions} options
     */
    constructor(url, options) {
        super();
        this.#url = url;
        this.#options = options;
        this.clock = options.clock ?? PLATFORM_CLOCK;
        this.random = options.random ?? Math.random;
        this.#storage = options.storage ?? memoryStorage();
        this.#session = drawSession(options.randomBytes);
        this.#ids = drawIds(options.randomBytes);
        /** @internal */
        this.siblings = this.#storage.siblings?.();
        if (this.siblings !== undefined) this.#listen(this.siblings);
        const { clock, random } = this;
        this.#connection = new Connection(url, { ...options, clock, random });
        this.#connection.on('status', (status) => this.emit('status', status));
        this.#connection.on('online', (welcome) => this.#welcomed(welcome));
        this.#connection.on('offline', () => this.#offline());
        this.#connection.on('message', (message) => this.#dispatch(message));
        this.#started = this.#start();
    }

    /** @returns {ConnectionStatus} */
    get status() {
        return this.#connection.status;
    }

    get online() {
        return this.#connection.online;
    }

    /**
     * Open a document; who opens it twice holds the same one twice. Resolves when its data is
     * here: from the server, or from the storage while there is no connection.
     *
     * @template {string} [Name=any]
     * @param {string} name `collection/id`
     * @param {Want & { type?: Name }} [want]
     * @returns {Promise<Document<Name>>} rejects with a `TuttiError` when it cannot be opened
     */
    async open(name, want = {}) {
        await this.#started;
        await this.#drawing;
        if (want.type !== undefined) await this.loadType(want.type);
        const held = this.#open.get(name) ?? (await this.#hold(name, want));
        held.holders++;
        return held.opened;
    }

    /** Try to connect now, if we are waiting to. */
    reconnect() {
        if (this.status.state === 'waiting') this.#connection.start(this.#session);
    }

    /** End the connection. What is pending stays in the storage; another client may go on. */
    async close() {
        this.#connection.stop();
        await this.#started;
        await Promise.all([...this.#open.values()].map(({ document }) => document.store()));
        await Promise.all([...this.#couriers].map((courier) => courier.close()));
        this.siblings?.close();
        await this.#guard(async () => this.#storage.close?.());
    }

    /* ---- Start and end ---- */

    /** @param {import('./siblings.js').Siblings} siblings */
    #listen(siblings) {
        siblings.changed = (name) => this.#open.get(name)?.document.look();
        siblings.asked = (name) => this.#open.get(name)?.document.tellSiblings();
    }

    async #start() {
        const names = await this.#guard(async () => {
            const stored = await this.#storage.session();
            if (stored === null) await this.#storage.saveSession(this.#session);
            else this.#session = stored;
            return this.#storage.pending();
        });
        for (const name of names ?? []) await this.#hold(name, {});
        this.#connection.start(this.#session);
        this.#adopt();
        if (this.#open.size === 0) this.emit('quiet', null);
    }

    /**
     * Documents that clients which are gone left with edits: they are sent under the sessions that
     * they belong to, since some may have been sent already.
     */
    async #adopt() {
        const orphans = await this.#guard(async () => this.#storage.orphans?.());
        for (const storage of orphans ?? []) {
            const courier = new Client(this.#url, { ...this.#options, storage });
            this.#couriers.add(courier);
            courier.on('refused', (refused) => this.emit('refused', refused));
            courier.on('error', (error) => this.emit('error', error));
            courier.on('quiet', async () => {
                await courier.close();
                this.#couriers.delete(courier);
                await this.#guard(async () => storage.discard?.());
            });
        }
    }

    /**
     * @param {string} name
     * @param {Want} want
     */
    async #hold(name, want) {
        await this.#leaving;
        const peer = await this.#load(name, want.type);
        const held = this.#open.get(name);
        if (held !== undefined) return held; /* somebody was faster */
        const document = new Document(name, want, peer, this);
        const here = peer !== null && peer.confirmed !== undefined;
        const opened = here ? Promise.resolve(document) : this.#firstOpened(document);
        opened.catch(() => {}); /* where nobody waits, `refused` tells what is lost */
        const fresh = { document, opened, holders: 0 };
        this.#open.set(name, fresh);
        if (this.online) document.connection(true);
        else this.siblings?.ask(name);
        if (!this.online) document.tellSiblings();
        return fresh;
    }

    /**
     * @param {Document} document
     * @returns {Promise<Document>}
     */
    #firstOpened(document) {
        return new Promise((resolve, reject) => {
            document.on('opened', () => resolve(document));
            document.on('closed', reject);
        });
    }

    /**
     * @param {string} name
     * @param {string} [wanted]
     */
    async #load(name, wanted) {
        const record = await this.#guard(() => this.#storage.load(name));
        if (!record) return null;
        const type = await this.loadType(record.type);
        if (wanted !== undefined && wanted !== record.type && record.confirmed !== undefined)
            throw new TuttiError(STATUS.TYPE_DIFFERS, 'the document has another type');
        const peer = Peer.restore(type, record);
        if (record.secret !== this.#session.secret) peer.newSession();
        return peer;
    }

    /**
     * @internal
     * @param {string} name
     * @returns {Promise<AnyType>}
     */
    async loadType(name) {
        const source = this.types.get(name) ?? this.#options.types[name];
        if (source === undefined) throw new TuttiError(STATUS.TYPE_UNKNOWN, `no type ${name} here`);
        const type = typeof source === 'function' ? await source() : source;
        this.types.set(name, type);
        return type;
    }

    /** @internal An id that no client has drawn. */
    newId() {
        return this.#ids();
    }

    /* ---- The connection ---- */

    /** @param {import('./connection.js').Welcome} welcome */
    #welcomed({ who, user, limits }) {
        const before = this.#session.who;
        if (before !== null && before !== who)
            this.#each((document) => document.exchange.peer?.newSession());
        if (before !== who) {
            this.#session = { ...this.#session, who };
            this.#guard(() => this.#storage.saveSession(this.#session));
        }
        this.who = who;
        this.user = user;
        this.#messageBytesMax = limits?.message_bytes_max ?? this.#messageBytesMax;
        this.#each((document) => document.connection(true));
        this.#questions.connected();
        this.#adopt();
    }

    #offline() {
        this.#channels.clear();
        this.#each((document) => document.connection(false));
        this.#renewIfQuiet();
    }

    /** @param {any[]} message */
    #dispatch(message) {
        const [kind, place, name] = message;
        if (kind === 'history') return this.#questions.answered(place, name);
        const document =
            kind === 'opened' || typeof place === 'string'
                ? this.#open.get(kind === 'opened' ? name : place)?.document
                : this.#channels.get(typeof kind === 'number' ? kind : place);
        if (kind === 'opened' && document !== undefined) this.#channels.set(place, document);
        document?.exchange.handle(message);
    }

    /** @param {(document: Document) => void} run */
    #each(run) {
        for (const { document } of [...this.#open.values()]) run(document);
    }

    /* ---- For documents ---- */

    /** @internal */
    send(/** @type {any[]} */ message) {
        this.#connection.send(message);
    }

    /** @internal A serial of this document is done with. */
    fated(/** @type {string} */ name) {
        this.#open.get(name)?.document.store();
        this.#leaveIfQuiet(name);
        this.#renewIfQuiet();
    }

    /** @internal The document is gone; the serials that it used are not. */
    ended(/** @type {string} */ name) {
        const document = this.#open.get(name)?.document;
        this.#forget(name, async () => {
            await document?.store();
            const record = document?.exchange.peer?.record();
            if (record !== undefined)
                await this.write(name, { ...record, seq: 0, epoch: 0, confirmed: undefined });
        });
    }

    /**
     * @param {string} name
     * @param {() => Promise<void>} store
     */
    async #forget(name, store) {
        this.#open.delete(name);
        this.#leaving = Promise.all([this.#leaving, store()]);
        await this.#leaving;
        if (this.#open.size === 0) this.emit('quiet', null);
    }

    /**
     * @internal What a document was.
     * @param {string} name
     * @param {object} at
     */
    read(name, at) {
        return this.#questions.ask(['read', name, at], this.online);
    }

    /** @internal */
    leave(/** @type {string} */ name) {
        const held = this.#open.get(name);
        if (held === undefined) return;
        held.holders--;
        this.#leaveIfQuiet(name);
    }

    /** Edits meet their fate first: nobody else knows of them. */
    #leaveIfQuiet(/** @type {string} */ name) {
        const held = this.#open.get(name);
        if (held === undefined || held.holders > 0) return;
        if (held.document.exchange.peer?.idle === false) return;
        this.#channels.delete(held.document.exchange.channel);
        this.#forget(name, () => held.document.left());
    }

    /** @internal Throws for what no message can carry. */
    checkSize(/** @type {any} */ operation) {
        const json = JSON.stringify(operation);
        const room = this.#messageBytesMax - 100; /* for the numbers around it */
        if (json.length * 3 > room && new TextEncoder().encode(json).length > room)
            throw new TuttiError(STATUS.TOO_LARGE, 'larger than a message may be');
    }

    /** @internal The server wants to know again who this is. */
    async renewToken() {
        const { token } = this.#options;
        if (typeof token === 'function') this.send(['token', await token()]);
    }

    /* ---- The storage ---- */

    /** @internal */
    async write(/** @type {string} */ name, /** @type {import('./peer.js').PeerRecord} */ record) {
        const { secret } = this.#session;
        await this.#guard(() => this.#storage.save(name, { ...record, secret }));
    }

    /**
     * A storage that fails does not stop anybody from working. What it still holds is older than
     * what was sent; the server's `opened` tells it from a serial that the record does not know.
     *
     * @template Value
     * @param {() => Promise<Value>} run
     * @returns {Promise<Value | null>}
     */
    async #guard(run) {
        try {
            return await run();
        } catch (error) {
            this.emit('error', error);
            return null;
        }
    }

    /* ---- A new session ---- */

    /** @internal This session cannot go on in some document. */
    renew() {
        this.renewing = true;
        this.#renewIfQuiet();
    }

    /** Serials that were sent meet their fate under the session that sent them. */
    async #renewIfQuiet() {
        const documents = () => [...this.#open.values()].map(({ document }) => document);
        const busy = documents().some(({ exchange }) => exchange.inFlight);
        if (!this.renewing || this.#drawing !== null || busy) return;
        const session = drawSession(this.#options.randomBytes);
        this.#drawing = this.#guard(async () => {
            await Promise.all(documents().map((document) => document.store()));
            await this.#storage.saveSession(session);
        });
        await this.#drawing;
        this.#drawing = null;
        this.renewing = false;
        this.#session = session;
        for (const { exchange } of documents()) exchange.peer?.newSession();
        this.#connection.start(session);
    }
}

/**
 * @param {string} url `ws:` or `wss:`
 * @param {ClientOptions} options
 */
export function connect(url, options) {
    return new Client(url, options);
}
