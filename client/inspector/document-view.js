import { ownerOf } from './documents-view.js';
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
    #log;
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
        this.#poll = new Poll(
            `api/documents/${pathOf(...name)}`,
            (answer) => this.#told(answer),
            (code) => this.#failed(code),
        );
        this.#poll.start();
        this.#log = this.#begin();
    }

    close() {
        this.#poll.stop();
        this.#log.close();
    }

    #begin() {
        const name = this.#name.join('/');
        return new LogView(this.#name, (seq) => explainCommand(name, seq, this.#store()));
    }

    /** @param {any} answer */
    #told(answer) {
        const { epoch, committed } = answer;
        write(element('document-told'), '');
        facts(element('document-facts'), factsOf(answer));
        this.#showSessions(answer);
        /* A store that was put back knows less than was shown: begin anew. */
        const isBack = epoch !== this.#epoch && committed < this.#log.newest;
        this.#epoch = epoch;
        if (!isBack) return;
        this.#log.close();
        this.#log = this.#begin();
    }

    /** @param {number} code */
    #failed(code) {
        const text = code === 404 ? 'This document is not in memory now: nobody has it open.' : '';
        write(element('document-told'), text);
    }

    /** @param {any} answer */
    #showSessions({ sessions, sessions_left_off }) {
        const body = element('sessions');
        const cells = sessions.map(cellsOf);
        while (body.rows.length > cells.length) body.deleteRow(-1);
        cells.forEach((/** @type {string[]} */ texts, /** @type {number} */ at) => {
            const row = body.rows[at] ?? body.insertRow();
            if (row.dataset.who !== String(sessions[at].who)) fillRow(row, sessions[at].who);
            texts.forEach((text, i) => write(row.cells[i + 1], text));
        });
        const more = sessions_left_off > 0 ? `${whole(sessions_left_off)} more are not shown.` : '';
        write(element('sessions-told'), sessions.length > 0 ? more : 'Nobody has it open here.');
    }
}

/**
 * @param {HTMLTableRowElement} row
 * @param {string | null} who null: an event stream, which is nobody
 */
function fillRow(row, who) {
    row.dataset.who = String(who);
    const head = make('th', '', who === null ? '–' : person(who));
    head.scope = 'row';
    const kinds = ['more', 'more', '', 'number', 'number', 'number more', 'number more', 'more'];
    row.replaceChildren(head, ...kinds.map((kind) => make('td', kind)));
}

/**
 * @param {any} session
 * @returns {string[]}
 */
function cellsOf({ user, dialect, state, cursor, behind, output_bytes, serial, here }) {
    return [
        visible(user || '–'),
        visible(dialect),
        visible(state),
        whole(cursor),
        whole(behind),
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
        ['In memory', `${whole(entries)} operations from ${whole(from)} on, ${bytes(size)}`],
        ['Epoch', String(epoch)],
    ];
}
