/**
 * A document as it was; without `type` and `data` where there was none then.
 *
 * @typedef {{ seq: number, epoch: number, time: number, type?: string, data?: any }} Version
 */

/**
 * One step of the past: an operation, a creation or a deletion.
 *
 * @typedef {object} Past
 * @property {number} seq
 * @property {string} who
 * @property {string} user
 * @property {number} time in milliseconds
 * @property {any} [operation]
 * @property {{ type: string, data?: any }} [create]
 * @property {boolean} [delete]
 */

/**
 * A part of a text, so many Unicode code points, and the operation that wrote it; only `points`
 * where that is older than what was asked for, or than what is kept.
 *
 * @typedef {{ points: number, seq?: number, who?: string, user?: string, time?: number }} Run
 */

/**
 * A text by who wrote it: runs that lie one behind the other.
 *
 * @typedef {{ seq: number, epoch: number, time: number, type?: string, runs: Run[] }} Blame
 */

/** The earlier states of one document. */
export class History {
    #document;
    #client;

    /**
     * @param {import('./document.js').Document<any>} document
     * @param {import('./client.js').Client} client
     */
    constructor(document, client) {
        this.#document = document;
        this.#client = client;
    }

    /**
     * @param {{ seq?: number, time?: number }} [at] `time` in milliseconds; left out: now
     * @returns {Promise<Version>}
     */
    async read(at = {}) {
        const { snapshot, ...rest } = await this.#client.read(this.#document.name, at);
        return { ...rest, data: snapshot };
    }

    /**
     * @param {number} [from] the first seq
     * @param {number} [to] the last one
     * @returns {Promise<Past[]>}
     */
    async operations(from = 1, to) {
        const past = [];
        for (let next = from; next !== undefined; ) {
            const range = to === undefined ? { from: next } : { from: next, to };
            const answer = await this.#client.read(this.#document.name, range);
            past.push(...answer.operations);
            next = answer.next;
        }
        return past;
    }

    /**
     * @param {{ seq?: number, from?: number }} [at] the text after `seq`, left out: now; `from`:
     *     the first operation that is to be named
     * @returns {Promise<Blame>}
     */
    async blame(at = {}) {
        const answer = await this.#client.read(this.#document.name, { blame: true, ...at });
        return { runs: [], ...answer };
    }

    /**
     * Make the document what it was after operation `seq`, by an edit like any other.
     *
     * @param {number} seq
     * @returns {Promise<{ seq: number }>} as `submit`
     */
    async restore(seq) {
        const { data } = await this.read({ seq });
        const document = this.#document;
        return document.submit(document.type.difference(document.data, document.type.create(data)));
    }
}
