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
 * What an entry did, in one line.
 *
 * @param {any} entry
 */
function deed({ kind, operation }) {
    if (kind === 'edit') return shortened(operation);
    return operation === null ? kind : `${kind} ${shortened(operation)}`;
}

/**
 * A row of the log, and what is behind it.
 *
 * @param {any} entry
 * @param {() => string} command that tells more
 * @param {(open: boolean) => void} toggled
 */
export function entryView(entry, command, toggled) {
    const { seq, who, serial, time_ms } = entry;
    const row = make(
        'button',
        'entry',
        make('span', 'seq', whole(seq)),
        pathDrawing(entry),
        make('span', 'hidden', pathText(entry)),
        person(who),
        make('span', 'serial', make('span', 'unit', 'serial '), whole(serial)),
        make('code', 'operation', make('bdi', '', deed(entry))),
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
    const { operation, arrived } = entry;
    const details = make('div', 'details', make('h4', '', 'The way it came'), wayOf(entry));
    if (arrived !== undefined)
        details.append(make('h4', '', 'Operation, as it arrived'), value(arrived));
    details.append(
        make('h4', '', 'Operation, as it was made durable'),
        value(operation),
        make('h4', '', 'More, from the store of the server when it has ended, or a copy of it'),
        commandLine(command),
    );
    return details;
}

/** @param {unknown} json */
function value(json) {
    const text = spread(json);
    return make('pre', '', text.length > SPREAD_MAX ? `${text.slice(0, SPREAD_MAX)}\n…` : text);
}

/** @param {any} entry */
function wayOf({ base, seq, epoch, who, user, path, path_left_off = 0 }) {
    const steps = (path ?? []).map((/** @type {any} */ passed) =>
        make('li', '', `over ${whole(passed.seq)} by `, person(passed.who)),
    );
    if (path_left_off > 0) steps.unshift(make('li', '', `over ${whole(path_left_off)} others`));
    if (path === undefined) steps.push(make('li', '', 'over what is not known any more'));
    const whose = user ? ` (${visible(user)})` : '';
    return make(
        'ol',
        'way',
        make('li', '', person(who), `${whose} had seen ${whole(base)}`),
        ...steps,
        make('li', '', `became ${whole(seq)} in epoch ${epoch}`),
    );
}

/** @param {string} command */
function commandLine(command) {
    const code = make('code', '', command);
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
