import { nameOf, ownerOf } from './documents-view.js';
import { element, facts, make, write } from './elements.js';
import { explainCommand, person } from './entry-view.js';
import { LogView } from './log-view.js';
import { pathOf } from './names.js';
import { Poll } from './poll.js';
import { bytes, visible, whole } from './text.js';

/** One document: what it is, who has it open, what happens to it. */
export class DocumentView {
    #name;
    #store;
    #poll;
    /** @type {LogView | null} there once its head is known */
    #log = null;
    #epoch = 0;

    /**
     * @param {[collection: string, id: string]} name
     * @param {() => string} store the kind of the server's
     */
    constructor(name, store) {
        this.#name = name;
        this.#store = store;
        write(element('name'), visible(name.join('/')));
        write(element('document-told'), '');
        facts(element('document-facts'), []);
        element('sessions').replaceChildren();
        element('log').replaceChildren();
        this.#poll = new Poll(
            `api/documents/${pathOf(...name)}`,
            (answer) => this.#told(answer),
            (code) => this.#failed(code),
        );
        this.#poll.start();
    }

    close() {
        this.#poll.stop();
        this.#log?.close();
    }

    /** @param {any} answer */
    #told(answer) {
        const { epoch, committed } = answer;
        write(element('document-told'), '');
        facts(element('document-facts'), factsOf(answer));
        this.#showSessions(answer.sessions);
        /* A store that was put back knows less than was shown: begin anew. */
        const isBack = epoch !== this.#epoch && committed < (this.#log?.newest ?? 0);
        this.#epoch = epoch;
        if (this.#log !== null && !isBack) return;
        this.#log?.close();
        const command = (/** @type {number} */ seq) =>
            explainCommand(nameOf(answer), seq, this.#store());
        this.#log = new LogView(this.#name, committed, command);
    }

    /** @param {number} code */
    #failed(code) {
        const text = code === 404 ? 'This document is not in memory: nobody has it open.' : '';
        write(element('document-told'), text);
    }

    /** @param {any[]} sessions */
    #showSessions(sessions) {
        const body = element('sessions');
        const cells = sessions.map(cellsOf);
        while (body.rows.length > cells.length) body.deleteRow(-1);
        cells.forEach((texts, at) => {
            const row = body.rows[at] ?? body.insertRow();
            if (row.dataset.who !== sessions[at].who) fillRow(row, sessions[at].who);
            texts.forEach((text, i) => write(row.cells[i + 1], text));
        });
        write(element('sessions-told'), sessions.length === 0 ? 'Nobody has it open here.' : '');
    }
}

/**
 * @param {HTMLTableRowElement} row
 * @param {string} who
 */
function fillRow(row, who) {
    row.dataset.who = who;
    const head = make('th', '', person(who));
    head.scope = 'row';
    const kinds = ['', 'more', 'number', 'number', '', 'number more', 'number more', 'more'];
    row.replaceChildren(head, ...kinds.map((kind) => make('td', kind)));
}

/**
 * @param {any} session
 * @returns {string[]}
 */
function cellsOf({ name, dialect, cursor, behind, state, output_bytes, serial, here }) {
    return [
        visible(name ?? '–'),
        visible(dialect),
        whole(cursor),
        whole(behind),
        visible(state),
        bytes(output_bytes),
        whole(serial),
        here ? 'yes' : '–',
    ];
}

/**
 * @param {any} document
 * @returns {[string, string][]}
 */
function factsOf(document) {
    const { type, state, epoch, head, committed, tentative, inbox, readers, behind } = document;
    const { from, entries, bytes: size } = document.history;
    return [
        ['Type', visible(type ?? '–')],
        ['Owner', visible(ownerOf(document))],
        ['State', visible(state)],
        ['Committed head', whole(committed)],
        ['Head', whole(head)],
        ['Tentative', whole(tentative)],
        ['Inbox', whole(inbox)],
        ['Readers', whole(readers)],
        ['Behind', whole(behind)],
        ['In memory', entries === 0 ? 'no operations' : `${whole(entries)} from ${whole(from)} on, ${bytes(size)}`],
        ['Epoch', String(epoch)],
    ];
}
