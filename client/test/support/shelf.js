import { Siblings } from '../../src/siblings.js';
import { isPending, withoutPending } from '../../src/storage/storage.js';

/** @typedef {import('../../src/storage/storage.js').Storage} Storage */

/** What outlives the tabs of one person: their storages, one behind the other. */
export class Shelf {
    /** @type {Set<Slot>} */
    slots = new Set();
    /** @type {Set<Channel>} */
    channels = new Set();

    /** A storage for a tab: one that nobody has, else a new one. */
    storage() {
        return new Tab(this);
    }
}

/** As a BroadcastChannel: what one posts, all others hear, a moment later. */
class Channel {
    onmessage = (/** @type {any} */ _event) => {};
    #channels;

    /** @param {Set<Channel>} channels */
    constructor(channels) {
        this.#channels = channels.add(this);
    }

    /** @param {any} message */
    postMessage(message) {
        const data = structuredClone(message);
        for (const channel of this.#channels)
            if (channel !== this) queueMicrotask(() => channel.onmessage({ data }));
    }

    close() {
        this.#channels.delete(this);
        this.onmessage = () => {};
    }
}

class Slot {
    /** @type {Tab | null} */
    holder = null;
    /** @type {any} */
    session = null;
    /** @type {Map<string, any>} */
    records = new Map();

    get pending() {
        return [...this.records].filter(([, one]) => isPending(one)).map(([name]) => name);
    }
}

/** @implements {Storage} */
class Tab {
    #shelf;
    /** @type {Slot | null} */
    #slot = null;

    /**
     * @param {Shelf} shelf
     * @param {Slot | null} slot
     */
    constructor(shelf, slot = null) {
        this.#shelf = shelf;
        if (slot !== null) this.#take(slot);
    }

    /** @param {Slot} slot */
    #take(slot) {
        this.#slot = slot;
        slot.holder = this;
        this.#shelf.slots.add(slot);
    }

    get #mine() {
        if (this.#slot === null) throw new Error('this tab has crashed');
        return this.#slot;
    }

    async session() {
        const free = [...this.#shelf.slots].find(({ holder }) => holder === null);
        if (this.#slot === null) this.#take(free ?? new Slot());
        return structuredClone(this.#mine.session);
    }

    async orphans() {
        const free = [...this.#shelf.slots].filter(({ holder }) => holder === null);
        return free.map((slot) => new Tab(this.#shelf, slot));
    }

    /** @param {any} session */
    async saveSession(session) {
        this.#mine.session = structuredClone(session);
    }

    async pending() {
        return this.#mine.pending;
    }

    /** @param {string} name */
    async load(name) {
        const own = this.#mine.records.get(name);
        if (own !== undefined) return structuredClone(own);
        for (const { records } of this.#shelf.slots)
            if (records.has(name)) return withoutPending(structuredClone(records.get(name)));
        return null;
    }

    /**
     * @param {string} name
     * @param {any} record
     */
    async save(name, record) {
        this.#mine.records.set(name, structuredClone(record));
    }

    siblings() {
        return new Siblings(/** @type {any} */ (new Channel(this.#shelf.channels)));
    }

    async discard() {
        this.#shelf.slots.delete(this.#mine);
        this.#slot = null;
    }

    async close() {
        if (this.#slot !== null) this.#slot.holder = null;
    }

    /** What the tab does from now on is not stored any more, and another one may have its slot. */
    crash() {
        if (this.#slot !== null) this.#slot.holder = null;
        this.#slot = null;
    }
}
