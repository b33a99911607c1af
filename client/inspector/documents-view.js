import { element, make, write } from './elements.js';
import { hashOf } from './names.js';
import { Poll } from './poll.js';
import { brief, visible, whole } from './text.js';

/**
 * A column: its heading, what it sorts by, what it shows.
 *
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => string | number} by
 * @property {(row: Row) => string} [shows] if not the same
 * @property {string} [kind] of its cells: `number`, or `more` where there is little room
 *
 * @typedef {{ document: any, rate: number }} Row
 */

/** @type {Column[]} */
const COLUMNS = [
    { title: 'Document', by: ({ document }) => nameOf(document) },
    { title: 'Type', by: ({ document }) => document.type ?? '–', kind: 'more' },
    { title: 'Owner', by: ({ document }) => ownerOf(document), kind: 'more' },
    figure('Head', ({ document }) => document.head),
    {
        ...figure('Not durable', ({ document }) => document.head - document.committed),
        kind: 'number more',
    },
    {
        ...figure('Ops /s', ({ rate }) => rate),
        shows: ({ rate }) => (rate > 0 ? brief(rate) : '–'),
    },
    { ...figure('Waiting', ({ document }) => document.inbox), kind: 'number more' },
    figure('Readers', ({ document }) => document.readers),
    figure('Behind', ({ document }) => document.behind),
];

/**
 * @param {string} title
 * @param {(row: Row) => number} by
 * @returns {Column}
 */
function figure(title, by) {
    return { title, by, shows: (row) => whole(by(row)), kind: 'number' };
}

/** @param {any} document */
export function nameOf({ collection, id }) {
    return `${collection}/${id}`;
}

/** @param {any} document */
export function ownerOf({ role, owner }) {
    if (role === 'owner') return 'this node';
    return owner ?? 'not known';
}

/** The table of the documents that are in memory. */
export class DocumentsView {
    #poll = this.#asking('');
    /** @type {Map<string, HTMLTableRowElement>} by name */
    #rows = new Map();
    /** @type {Map<string, { total: number, at: number }>} what was there at the last answer */
    #before = new Map();
    /** @type {Row[]} */
    #shown = [];
    #sort = { column: 0, down: false };

    constructor() {
        element('documents-head').append(...COLUMNS.map((column, at) => this.#heading(column, at)));
        element('filter').addEventListener('input', () => {
            this.#poll.stop();
            this.#poll = this.#asking(element('filter').value);
            this.#poll.start();
        });
    }

    start() {
        this.#poll.start();
    }

    stop() {
        this.#poll.stop();
    }

    /** @param {string} prefix */
    #asking(prefix) {
        const path = `api/documents?prefix=${encodeURIComponent(prefix)}`;
        return new Poll(
            path,
            (answer) => this.#told(answer),
            () => {}, /* the light says it */
        );
    }

    /**
     * @param {Column} column
     * @param {number} at
     */
    #heading({ title, kind = '' }, at) {
        const button = make('button', '', title);
        button.type = 'button';
        button.addEventListener('click', () => {
            const again = this.#sort.column === at;
            this.#sort = { column: at, down: again ? !this.#sort.down : kind.includes('number') };
            this.#show();
        });
        const heading = make('th', kind, button);
        heading.scope = 'col';
        return heading;
    }

    /** @param {any} answer */
    #told({ documents, left_off }) {
        const at = Date.now();
        const before = this.#before;
        this.#before = new Map();
        this.#shown = documents.map((/** @type {any} */ document) => {
            const name = nameOf(document);
            const total = document.committed_total;
            const last = before.get(name);
            this.#before.set(name, { total, at });
            const rate = last ? ((total - last.total) * 1000) / Math.max(at - last.at, 1) : 0;
            return { document, rate: Math.max(rate, 0) };
        });
        this.#show();
        const none = documents.length === 0;
        const hidden = `${whole(left_off)} more are not shown: write how their names begin.`;
        const more = left_off > 0 ? hidden : '';
        write(element('documents-told'), none ? 'None is in memory.' : more);
    }

    #show() {
        const { column, down } = this.#sort;
        const { by } = COLUMNS[column];
        const names = (/** @type {Row} */ { document }) => nameOf(document);
        const order = (/** @type {any} */ a, /** @type {any} */ b) => (a < b ? -1 : a > b ? 1 : 0);
        this.#shown.sort((a, b) => {
            const sign = down ? -1 : 1;
            return sign * order(by(a), by(b)) || order(names(a), names(b));
        });
        [...element('documents-head').children].forEach((heading, at) => {
            if (at === column) heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
            else heading.removeAttribute('aria-sort');
        });
        this.#place();
    }

    /** Rows stay the same elements, and the focus where it is, whatever the order. */
    #place() {
        const focused = document.activeElement;
        const body = element('documents');
        const rows = this.#shown.map((row) => this.#row(row));
        const kept = new Set(rows);
        for (const [name, row] of this.#rows)
            if (!kept.has(row)) {
                row.remove();
                this.#rows.delete(name);
            }
        rows.forEach((row, at) => {
            if (body.children[at] !== row) body.insertBefore(row, body.children[at] ?? null);
        });
        if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus();
    }

    /** @param {Row} shown */
    #row(shown) {
        const name = nameOf(shown.document);
        let row = this.#rows.get(name);
        if (row === undefined) {
            const { collection, id } = shown.document;
            const link = make('a', '', make('bdi', '', visible(name)));
            link.href = hashOf(collection, id);
            row = make('tr', '', ...COLUMNS.map(({ kind = '' }) => make('td', kind)));
            row.cells[0].replaceWith(make('th', '', link));
            row.cells[0].scope = 'row';
            this.#rows.set(name, row);
        }
        const { cells } = row;
        COLUMNS.forEach(({ by, shows }, at) => {
            if (at > 0) write(cells[at], visible(String((shows ?? by)(shown))));
        });
        return row;
    }
}
