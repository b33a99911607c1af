import { element, make, write } from './elements.js';
import { entryView } from './entry-view.js';
import { Feed } from './feed.js';
import { visible, whole } from './text.js';

/** Rows that stay on the page; the newest is on top. */
const KEPT_MAX = 500;

/**
 * The operations of a document, live.
 *
 *   feed --> #waiting --each frame, unless paused--> rows
 *
 * What waits is bounded as the rows are: whoever comes back from a pause gets the newest.
 */
export class LogView {
    #list = element('log');
    #feed;
    #command;
    /** @type {any[]} entries, and `{ missed }`, the newest last */
    #waiting = [];
    #paused = false;
    #author = '';
    /** @type {Set<string>} */
    #authors = new Set();
    #frame = 0;
    #listening = new AbortController();

    /**
     * @param {[collection: string, id: string]} name
     * @param {(seq: number) => string} command that tells more of a seq
     */
    constructor(name, command) {
        this.#command = command;
        this.#list.replaceChildren();
        this.#showAuthors();
        this.#pause(false);
        const { signal } = this.#listening;
        element('pause').addEventListener('click', () => this.#pause(!this.#paused), { signal });
        element('author').addEventListener('change', () => this.#filter(), { signal });
        this.#list.addEventListener('keydown', (/** @type {any} */ event) => this.#key(event), {
            signal,
        });
        this.#feed = new Feed(name, {
            entry: (entry) => this.#came(entry),
            missed: (count) => this.#came({ missed: count }),
        });
    }

    close() {
        this.#feed.close();
        this.#listening.abort();
        cancelAnimationFrame(this.#frame);
    }

    /** The highest seq that came. */
    get newest() {
        return this.#feed.newest;
    }

    /** @param {any} entry */
    #came(entry) {
        this.#waiting.push(entry);
        if (this.#waiting.length > KEPT_MAX) this.#waiting.shift();
        this.#later();
    }

    /** Once for all that comes until the next frame. */
    #later() {
        if (this.#frame !== 0) return;
        this.#frame = requestAnimationFrame(() => {
            this.#frame = 0;
            this.#tell();
            if (!this.#paused) this.#show();
        });
    }

    #show() {
        const rows = this.#waiting.map((entry) => this.#row(entry)).reverse();
        this.#waiting = [];
        if (rows.length === 0) return;
        this.#list.prepend(...rows);
        while (this.#list.children.length > KEPT_MAX) this.#list.lastElementChild?.remove();
        this.#showAuthors();
        this.#reach();
    }

    /** @param {any} entry */
    #row(entry) {
        if (entry.missed !== undefined)
            return make('li', 'missed', `${whole(entry.missed)} operations are not shown here`);
        const { seq, who } = entry;
        /* Who reads one row wants the others to stay where they are. */
        const toggled = (/** @type {boolean} */ open) => open && this.#pause(true);
        const row = entryView(entry, () => this.#command(seq), toggled);
        row.dataset.who = who;
        row.hidden = !this.#isWanted(row);
        this.#authors.add(who);
        return row;
    }

    /** @param {boolean} paused */
    #pause(paused) {
        this.#paused = paused;
        element('pause').setAttribute('aria-pressed', String(paused));
        this.#tell();
        if (!paused) this.#show();
    }

    #tell() {
        const count = this.#waiting.length;
        const more = count < KEPT_MAX ? whole(count) : `${KEPT_MAX} or more`;
        const text = count > 0 ? `paused, ${more} came since` : 'paused';
        write(element('pause-told'), this.#paused ? text : 'following');
    }

    /* ---- By author ---- */

    /** @param {HTMLElement} row */
    #isWanted({ dataset }) {
        return this.#author === '' || dataset.who === this.#author;
    }

    #filter() {
        this.#author = element('author').value;
        for (const row of this.#list.children) row.hidden = !this.#isWanted(row);
        this.#reach();
    }

    /** A list that is open stays as it is, but for whom it did not have. */
    #showAuthors() {
        const options = element('author').options;
        if (this.#authors.size === 0) options.length = 1;
        for (let i = options.length - 1; i < this.#authors.size; i++) {
            const who = [...this.#authors][i];
            options.add(new Option(visible(who), who));
        }
    }

    /* ---- By keys: one row is in the order of tabs, arrows lead to the others ---- */

    #reach() {
        const rows = this.#buttons();
        const focused = rows.find((row) => row === document.activeElement);
        for (const row of rows) row.tabIndex = row === (focused ?? rows[0]) ? 0 : -1;
    }

    /** @returns {HTMLButtonElement[]} */
    #buttons() {
        return [...this.#list.querySelectorAll('li:not([hidden]) > .entry')];
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const rows = this.#buttons();
        const at = rows.findIndex((row) => row === document.activeElement);
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
        if (at < 0 || to === undefined || rows[to] === undefined) return;
        event.preventDefault();
        rows[to].focus();
        this.#reach();
    }
}
