import { pathOf } from './names.js';

const AGAIN_MS = 1000;

/**
 * The operations of a document as they become durable, the newest of what is there first. Whatever
 * happens to the connection, each is told once, in order.
 */
export class Feed {
    #path;
    #told;
    /** The seq that comes next; 0: whatever the server begins with. */
    #next = 0;
    /** @type {EventSource | null} */
    #source = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #again;

    /**
     * @param {[collection: string, id: string]} name
     * @param {{ entry: (entry: any) => void, missed: (count: number) => void }} told
     */
    constructor(name, told) {
        this.#path = `api/documents/${pathOf(...name)}/log`;
        this.#told = told;
        this.#open();
    }

    close() {
        clearTimeout(this.#again);
        this.#source?.close();
    }

    /** The highest seq that came. */
    get newest() {
        return this.#next - 1;
    }

    /* By itself a browser comes back after a cut, but not after an answer that is no stream. */
    #open() {
        const source = new EventSource(this.#path + (this.#next > 0 ? `?from=${this.#next}` : ''));
        this.#source = source;
        source.addEventListener('operation', ({ data }) => this.#entry(JSON.parse(data)));
        source.addEventListener('missed', ({ data }) => this.#missed(JSON.parse(data)));
        source.onerror = () => {
            source.close();
            this.#again = setTimeout(() => this.#open(), AGAIN_MS);
        };
    }

    /** @param {any} entry */
    #entry(entry) {
        if (entry.seq < this.#next) return;
        this.#next = entry.seq + 1;
        this.#told.entry(entry);
    }

    /** @param {{ count: number, next: number }} missed */
    #missed({ count, next }) {
        this.#next = Math.max(this.#next, next);
        this.#told.missed(count);
    }
}
