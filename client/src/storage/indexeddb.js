import { Siblings } from '../siblings.js';
import { isPending, withoutPending } from './storage.js';

/** @typedef {import('./storage.js').Storage} Storage */
/** @typedef {import('./storage.js').DocumentRecord} DocumentRecord */

/**
 * What this browser keeps under a name:
 *
 *   sessions    slot -> session               a slot belongs to the tab that holds its lock,
 *   documents   [slot, name] -> record        "tutti NAME SLOT"
 */
const STORES = ['sessions', 'documents'];

/**
 * @template Value
 * @param {IDBRequest<Value>} request
 * @returns {Promise<Value>}
 */
function answer(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

/**
 * @param {string} name
 * @returns {Promise<IDBDatabase>}
 */
function openDatabase(name) {
    const request = indexedDB.open(`tutti ${name}`, 1);
    request.onupgradeneeded = () => STORES.forEach((one) => request.result.createObjectStore(one));
    return answer(request);
}

/**
 * Hold a Web Lock until it is let go of, or the tab ends however it ends.
 *
 * @param {string} name
 * @returns {Promise<(() => void) | null>} lets go; null: somebody else holds it
 */
function hold(name) {
    return new Promise((resolve, reject) => {
        navigator.locks
            .request(name, { ifAvailable: true }, (lock) => {
                if (lock === null) return resolve(null);
                return new Promise((release) => resolve(() => release(undefined)));
            })
            .catch(reject);
    });
}

class Slot {
    /** @type {(() => void) | null} */
    #release = null;
    #database;
    #name;

    /**
     * @param {Promise<IDBDatabase>} database
     * @param {string} name
     * @param {string} id
     */
    constructor(database, name, id = crypto.randomUUID()) {
        this.#database = database;
        this.#name = name;
        this.id = id;
    }

    /** @returns {Promise<boolean>} false: it is another tab's */
    async lock() {
        this.#release ??= await hold(`tutti ${this.#name} ${this.id}`);
        return this.#release !== null;
    }

    siblings() {
        return new Siblings(new BroadcastChannel(`tutti ${this.#name}`));
    }

    async close() {
        this.#release?.();
        this.#release = null;
    }

    /**
     * @template Value
     * @param {'sessions' | 'documents'} name
     * @param {(store: IDBObjectStore) => IDBRequest<Value>} ask
     */
    async #read(name, ask) {
        const database = await this.#database;
        return answer(ask(database.transaction(name).objectStore(name)));
    }

    /** @param {(sessions: IDBObjectStore, documents: IDBObjectStore) => void} change */
    async #write(change) {
        const transaction = (await this.#database).transaction(STORES, 'readwrite');
        const [sessions, documents] = STORES.map((name) => transaction.objectStore(name));
        change(sessions, documents);
        return /** @type {Promise<void>} */ (
            new Promise((resolve, reject) => {
                transaction.oncomplete = () => resolve();
                transaction.onabort = () => reject(transaction.error);
            })
        );
    }

    get #mine() {
        return IDBKeyRange.bound([this.id], [this.id, []]);
    }

    session() {
        return this.#read('sessions', (sessions) => sessions.get(this.id)).then((it) => it ?? null);
    }

    /** @param {import('../session.js').Session} session */
    saveSession(session) {
        return this.#write((sessions) => void sessions.put(session, this.id));
    }

    async pending() {
        /** @type {DocumentRecord[]} */
        const records = await this.#read('documents', (documents) => documents.getAll(this.#mine));
        const keys = await this.#read('documents', (documents) => documents.getAllKeys(this.#mine));
        const names = keys.map((key) => /** @type {string[]} */ (key)[1]);
        return names.filter((_, index) => isPending(records[index]));
    }

    /**
     * Where this slot has none, what another one has of the document will do to begin with.
     *
     * @param {string} name
     * @returns {Promise<DocumentRecord | null>}
     */
    async load(name) {
        const own = await this.#read('documents', (documents) => documents.get([this.id, name]));
        if (own !== undefined) return own;
        const keys = await this.#read('documents', (documents) => documents.getAllKeys());
        const key = keys.find((one) => /** @type {string[]} */ (one)[1] === name);
        if (key === undefined) return null;
        const other = await this.#read('documents', (documents) => documents.get(key));
        return other === undefined ? null : withoutPending(other);
    }

    /**
     * @param {string} name
     * @param {DocumentRecord} record
     */
    save(name, record) {
        return this.#write((_, documents) => void documents.put(record, [this.id, name]));
    }

    async discard() {
        await this.#write((sessions, documents) => {
            sessions.delete(this.id);
            documents.delete(this.#mine);
        });
        await this.close();
    }
}

/** @implements {Storage} */
class IndexedDbStorage {
    #name;
    #database;
    /** @type {Slot} */
    #slot;

    /** @param {string} name */
    constructor(name) {
        this.#name = name;
        this.#database = openDatabase(name);
        this.#database.catch(() => {}); /* told by each call */
        this.#slot = new Slot(this.#database, name);
    }

    async #slots() {
        const sessions = (await this.#database).transaction('sessions').objectStore('sessions');
        const ids = /** @type {string[]} */ (await answer(sessions.getAllKeys()));
        return ids.map((id) => new Slot(this.#database, this.#name, id));
    }

    async session() {
        if (navigator.locks === undefined) throw new Error('no Web Locks here: nothing is stored');
        for (const slot of await this.#slots())
            if (await slot.lock()) {
                this.#slot = slot;
                return slot.session();
            }
        await this.#slot.lock();
        return null;
    }

    async orphans() {
        const orphans = [];
        for (const slot of await this.#slots()) {
            if (slot.id === this.#slot.id || !(await slot.lock())) continue;
            if ((await slot.pending()).length > 0) orphans.push(slot);
            else await slot.discard();
        }
        return orphans;
    }

    saveSession = (/** @type {any} */ session) => this.#slot.saveSession(session);
    pending = () => this.#slot.pending();
    load = (/** @type {string} */ name) => this.#slot.load(name);
    save = (/** @type {string} */ name, /** @type {any} */ record) => this.#slot.save(name, record);
    siblings = () => this.#slot.siblings();
    close = () => this.#slot.close();
}

/**
 * Keeps edits and documents in the browser, over reloads and crashes. Tabs of one person use the
 * same name, each with a session of its own.
 *
 * @param {string} name
 * @returns {Storage}
 */
export function indexedDbStorage(name) {
    return new IndexedDbStorage(name);
}
