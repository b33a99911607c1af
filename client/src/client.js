import { Connection } from './connection.js';
import { Document } from './document.js';
import { Emitter } from './emitter.js';
import { Peer } from './peer.js';
import { drawSession } from './session.js';
import { STATUS, TuttiError } from './status.js';
import { memoryStorage } from './storage.js';

/** @typedef {import('./types/type.js').AnyType} AnyType */
/** @typedef {import('./connection.js').ConnectionStatus} ConnectionStatus */
/** @typedef {import('./exchange.js').Want} Want */

/**
 * @typedef {object} ClientOptions
 * @property {AnyType[]} types what kinds of documents it can open
 * @property {string | (() => string | Promise<string>)} [token] who the user is; a function is
 *     asked on each connection, and when the server wants a new one
 * @property {string} [name] of the application, for the server's logs
 * @property {import('./storage.js').Storage} [storage] where edits survive; in memory by default
 * @property {typeof WebSocket} [webSocket] where the platform's own will not do
 * @property {import('./connection.js').Clock} [clock]
 * @property {() => number} [random]
 * @property {(count: number) => Uint8Array} [randomBytes]
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
 * `error` tells of a storage that failed: edits go on, but may not survive a reload.
 *
 * @extends {Emitter<{ status: ConnectionStatus, error: unknown }>}
 */
export class Client extends Emitter {
    /** Who we are to the others; null before the first `welcome`. */
    /** @type {string | null} */
    who = null;
    user = '';
    /** Under way to a new session: nothing new is sent until what was sent has its fate. */
    renewing = false;
    /** @type {Promise<any> | null} the last records of the old session are being stored */
    #drawing = null;
    #connection;
    #storage;
    #options;
    #messageBytesMax = 1 << 20;
    /** @type {import('./session.js').Session} */
    #session;
    #started;
    /** @type {Map<string, { document: Document, opened: Promise<Document>, holders: number }>} */
    #open = new Map();
    /** @type {Map<number, Document>} by the number that the server gave on this connection */
    #channels = new Map();

    /**
     * @param {string} url `ws:` or `wss:`
     * @param {ClientOptions} options
     */
    constructor(url, options) {
        super();
        this.#options = options;
        this.clock = options.clock ?? PLATFORM_CLOCK;
        this.random = options.random ?? Math.random;
        this.types = new Map(options.types.map((type) => [type.name, type]));
        this.#storage = options.storage ?? memoryStorage();
        this.#session = drawSession(options.randomBytes);
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
     * @param {string} name `collection/id`
     * @param {Want} [want]
     * @returns {Promise<Document>} rejects with a `TuttiError` when it cannot be opened
     */
    async open(name, want = {}) {
        await this.#started;
        await this.#drawing;
        const held = this.#open.get(name) ?? (await this.#hold(name, want));
        held.holders++;
        return held.opened;
    }

    /** End the connection. What is pending stays in the storage. */
    close() {
        this.#connection.stop();
    }

    /* ---- Start and end ---- */

    async #start() {
        await this.#guard(async () => {
            const stored = await this.#storage.session();
            if (stored === null) await this.#storage.saveSession(this.#session);
            else this.#session = stored;
        });
        this.#connection.start(this.#session);
    }

    /**
     * @param {string} name
     * @param {Want} want
     */
    async #hold(name, want) {
        const peer = await this.#load(name, want.type);
        const held = this.#open.get(name);
        if (held !== undefined) return held; /* somebody was faster */
        const document = new Document(name, want, peer, this);
        const opened = peer === null ? this.#firstOpened(document) : Promise.resolve(document);
        const fresh = { document, opened, holders: 0 };
        this.#open.set(name, fresh);
        if (this.online) document.connection(true);
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
        const type = this.types.get(record?.type ?? '');
        if (!record || type === undefined) return null;
        if (wanted !== undefined && wanted !== record.type)
            throw new TuttiError(STATUS.TYPE_DIFFERS, 'the document has another type');
        const peer = Peer.restore(type, record);
        if (record.secret !== this.#session.secret) peer.newSession();
        return peer;
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
    }

    #offline() {
        this.#channels.clear();
        this.#each((document) => document.connection(false));
        this.#renewIfQuiet();
    }

    /** @param {any[]} message */
    #dispatch(message) {
        const [kind, place, name] = message;
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
        this.store(name);
        this.#leaveIfQuiet(name);
        this.#renewIfQuiet();
    }

    /** @internal */
    ended(/** @type {string} */ name) {
        this.#open.delete(name);
        this.#guard(() => this.#storage.remove(name));
    }

    /** @internal */
    leave(/** @type {string} */ name) {
        const held = this.#open.get(name);
        if (held === undefined) return;
        held.holders--;
        this.#leaveIfQuiet(name);
    }

    /** What was sent is brought to its fate first: serials must not outlive who knows them. */
    #leaveIfQuiet(/** @type {string} */ name) {
        const held = this.#open.get(name);
        if (held === undefined || held.holders > 0 || held.document.exchange.inFlight) return;
        held.document.left();
        this.#channels.delete(held.document.exchange.channel);
        this.#open.delete(name);
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
    async store(/** @type {string} */ name) {
        await this.#open.get(name)?.document.store();
    }

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
