import { make, tinted } from './elements.js';
import { pathDrawing, pathText } from './path.js';
import { bytes, clock, shellWord, shortened, spread, visible, whole } from './text.js';

/** More of an operation is no longer read by anybody. */
const SPREAD_MAX = 20_000;
const STORES = /** @type {Record<string, string>} */ ({ sqlite: 'data', postgres: 'postgres://…' });

/**
 * Somebody, by colour and id.
 *
 * @param {string} who
 */
export function person(who) {
    return tinted(make('span', 'person', make('bdi', '', visible(who))), who);
}

/**
 * The command that tells more of an entry, once the server has ended or on a copy of its store.
 *
 * @param {string} name
 * @param {number} seq
 * @param {string} store the kind
 */
export function explainCommand(name, seq, store) {
    return `tutti explain --store ${STORES[store] ?? 'STORE'} ${shellWord(name)} ${seq}`;
}

/**
 * A row of the log, and what is behind it.
 *
 * @param {any} entry
 * @param {() => string} command that tells more
 * @param {(open: boolean) => void} toggled
 */
export function entryView(entry, command, toggled) {
    const { seq, who, serial, time_ms, operation } = entry;
    const row = make(
        'button',
        'entry',
        make('span', 'seq', whole(seq)),
        pathDrawing(entry),
        make('span', 'hidden', pathText(entry)),
        person(who),
        make('span', 'serial', make('span', 'unit', 'serial '), whole(serial)),
        make('code', 'operation', make('bdi', '', shortened(operation))),
        make('span', 'size', bytes(entry.bytes)),
        make('time', 'time', clock(time_ms)),
    );
    row.type = 'button';
    row.tabIndex = -1;
    row.setAttribute('aria-expanded', 'false');
    const item = make('li', '', row);
    /** @type {HTMLElement | null} */
    let details = null;
    row.addEventListener('click', () => {
        const open = details === null;
        if (details === null) item.append((details = detailsOf(entry, command())));
        else details.remove();
        if (!open) details = null;
        row.setAttribute('aria-expanded', String(open));
        toggled(open);
    });
    return item;
}

/**
 * @param {any} entry
 * @param {string} command
 */
function detailsOf(entry, command) {
    const text = spread(entry.operation);
    const cut = text.length > SPREAD_MAX ? `${text.slice(0, SPREAD_MAX)}\n…` : text;
    return make(
        'div',
        'details',
        make('h4', '', 'Operation, as it was sequenced'),
        make('pre', '', cut),
        make('h4', '', 'The way it came'),
        wayOf(entry),
        make('h4', '', 'More, from the store of the server when it has ended, or a copy of it'),
        commandLine(command),
    );
}

/** @param {any} entry */
function wayOf({ base, seq, who, path, path_left_off = 0 }) {
    const steps = path.map((/** @type {any} */ passed) =>
        make('li', '', `over ${whole(passed.seq)} by `, person(passed.who)),
    );
    if (path_left_off > 0) steps.push(make('li', '', `over ${whole(path_left_off)} more`));
    if (steps.length === 0) steps.push(make('li', '', 'over nothing: nobody was in between'));
    return make(
        'ol',
        'way',
        make('li', '', person(who), ` had seen ${whole(base)}`),
        ...steps,
        make('li', '', `became ${whole(seq)}`),
    );
}

/** @param {string} command */
function commandLine(command) {
    const code = make('code', '', visible(command));
    const copy = make('button', 'copy', 'Copy');
    copy.type = 'button';
    copy.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(command);
            copy.textContent = 'Copied';
        } catch {
            getSelection()?.selectAllChildren(code); /* not allowed here: then by hand */
        }
    });
    return make('p', 'command', code, copy);
}
