import { pathOf } from './names.js';

const AGAIN_MS = 1000;

/**
 * The operations of a document as they become durable, from one on. Whatever happens to the
 * connection, each is told once, in order.
 */
export class Feed {
    #path;
    #next;
    #told;
    /** @type {EventSource | null} */
    #source = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #again;

    /**
     * @param {[collection: string, id: string]} name
     * @param {number} from the first seq
     * @param {{ entry: (entry: any) => void, missed: (from: number, to: number) => void }} told
     */
    constructor(name, from, told) {
        this.#path = `api/documents/${pathOf(...name)}/log`;
        this.#next = from;
        this.#told = told;
        this.#open();
    }

    close() {
        clearTimeout(this.#again);
        this.#source?.close();
    }

    /* A browser gives up on some answers, and asks for the first one again on others. */
    #open() {
        const source = new EventSource(`${this.#path}?from=${this.#next}`);
        this.#source = source;
        source.onmessage = ({ data }) => this.#entry(JSON.parse(data));
        source.onerror = () => {
            source.close();
            this.#again = setTimeout(() => this.#open(), AGAIN_MS);
        };
    }

    /** @param {any} entry */
    #entry(entry) {
        if (entry.seq < this.#next) return;
        if (entry.seq > this.#next) this.#told.missed(this.#next, entry.seq - 1);
        this.#next = entry.seq + 1;
        this.#told.entry(entry);
    }
}
