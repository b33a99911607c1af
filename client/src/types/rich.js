import quill from 'quill-delta';

import { STATUS, TuttiError } from '../status.js';
import { isObject, jsonOf, sameJson, wellFormed } from './json.js';

/* A package of CommonJS, as Node and bundlers both see it. */
const Delta = quill.default;

/**
 * A document has insertions alone. Lengths and places are UTF-16 units; an embed has one.
 *
 * @typedef {object} RichPart
 * @property {string | Record<string, any>} [insert]
 * @property {number} [retain]
 * @property {number} [delete]
 * @property {Record<string, any>} [attributes]
 *
 * @typedef {{ ops: RichPart[] }} RichDelta
 */

/**
 * @param {string} text
 * @returns {never}
 */
function malformed(text) {
    throw new TuttiError(STATUS.MALFORMED_OPERATION, text);
}

/** @param {RichDelta} delta */
const deltaOf = ({ ops }) => new Delta(/** @type {any} */ (ops));

/**
 * A plain value: what is compared, stored and sent.
 *
 * @param {InstanceType<typeof Delta>} delta
 * @returns {RichDelta}
 */
const plain = (delta) => ({ ops: /** @type {any} */ (delta.ops) });

/**
 * A part as the server takes it.
 *
 * @param {any} part
 * @returns {RichPart}
 */
function checked(part) {
    const { insert, retain, delete: removed } = part ?? {};
    const attributes = Object.keys(part?.attributes ?? {}).length > 0 ? part.attributes : undefined;
    const formatted = attributes === undefined ? {} : { attributes };
    if (typeof insert === 'string' && insert !== '')
        return { insert: wellFormed(insert), ...formatted };
    if (isObject(insert)) return { insert, ...formatted };
    const count = retain ?? removed;
    if (!Number.isSafeInteger(count) || count < 1) malformed('a count is an integer above 0');
    return removed === undefined ? { retain: count, ...formatted } : { delete: count };
}

/** @param {RichPart} part */
function lengthOf({ insert, retain, delete: removed }) {
    return typeof insert === 'string' ? insert.length : (retain ?? removed ?? 1);
}

/** @param {RichDelta} data */
export function richLength({ ops }) {
    return ops.reduce((sum, part) => sum + lengthOf(part), 0);
}

/**
 * Throws unless each stretch that is kept or deleted ends between two code points of the document.
 *
 * @param {RichDelta} data
 * @param {RichDelta} operation
 */
function mustFit(data, operation) {
    let [index, begin, at] = [0, 0, 0];
    for (const part of operation.ops) {
        if (part.insert !== undefined) continue;
        at += lengthOf(part);
        while (index < data.ops.length && begin + lengthOf(data.ops[index]) < at)
            begin += lengthOf(data.ops[index++]);
        const { insert } = data.ops[index] ?? {};
        if (insert === undefined)
            throw new TuttiError(STATUS.NOT_APPLICABLE, 'the operation reaches beyond the text');
        const rest = typeof insert === 'string' ? insert.slice(at - begin) : '';
        if (/^[\udc00-\udfff]/.test(rest))
            throw new TuttiError(STATUS.NOT_APPLICABLE, 'it cuts a character in two');
    }
}

/**
 * quill-delta's difference may cut a character in two, and has no way to an attribute that is null.
 *
 * @param {RichDelta} before
 * @param {RichDelta} operation
 * @param {RichDelta} after
 */
function leadsTo(before, operation, after) {
    try {
        return sameJson(rich.apply(before, operation), after);
    } catch {
        return false;
    }
}

/**
 * Code points and embeds, one by one.
 *
 * @param {RichDelta} data
 * @returns {RichPart[]}
 */
function pieces({ ops }) {
    return ops.flatMap((part) =>
        typeof part.insert === 'string'
            ? [...part.insert].map((point) => ({ ...part, insert: point }))
            : [part],
    );
}

/**
 * The one replaced stretch between two documents.
 *
 * @param {RichDelta} before
 * @param {RichDelta} after
 */
function replacement(before, after) {
    const [old, fresh] = [pieces(before), pieces(after)];
    const most = Math.min(old.length, fresh.length);
    let [prefix, suffix] = [0, 0];
    while (prefix < most && sameJson(old[prefix], fresh[prefix])) prefix++;
    while (suffix < most - prefix && sameJson(old.at(-1 - suffix), fresh.at(-1 - suffix))) suffix++;
    const stretch = (/** @type {RichPart[]} */ ops) => richLength({ ops });
    const [retain, removed] = [old.slice(0, prefix), old.slice(prefix, old.length - suffix)];
    return rich.normalize([
        ...(prefix > 0 ? [{ retain: stretch(retain) }] : []),
        ...fresh.slice(prefix, fresh.length - suffix),
        ...(removed.length > 0 ? [{ delete: stretch(removed) }] : []),
    ]);
}

/** What `doc.change` gives for rich text; places are UTF-16 units. */
export class RichDraft {
    /** @type {RichDelta} */
    operation = { ops: [] };
    #data;

    /** @param {RichDelta} data */
    constructor(data) {
        this.#data = data;
    }

    get data() {
        return this.#data;
    }

    get length() {
        return richLength(this.#data);
    }

    /**
     * @param {number} at
     * @param {string | Record<string, any>} inserted a text, or an embed such as `{ image: url }`
     * @param {Record<string, any>} [attributes]
     */
    insert(at, inserted, attributes) {
        this.#add(at, { insert: inserted, attributes });
    }

    /**
     * @param {number} at
     * @param {number} count
     */
    remove(at, count) {
        if (count > 0) this.#add(at, { delete: count });
    }

    /**
     * @param {number} at
     * @param {number} count
     * @param {Record<string, any>} attributes null takes one away
     */
    format(at, count, attributes) {
        if (count > 0) this.#add(at, { retain: count, attributes });
    }

    /** @param {RichDelta} delta */
    compose(delta) {
        const normal = rich.normalize(delta);
        this.#data = rich.apply(this.#data, normal);
        this.operation = rich.compose(this.operation, normal);
    }

    /**
     * @param {number} at
     * @param {any} part
     */
    #add(at, part) {
        this.compose({ ops: at > 0 ? [{ retain: at }, part] : [part] });
    }
}

/**
 * `rich`: text with attributes and embeds; the semantics of quill-delta.
 *
 * @satisfies {import('./type.js').Type<RichDelta, RichDelta, RichDraft>}
 */
export const rich = {
    name: 'rich',
    identity: false,
    whoBreaksTies: true,
    left: /** @type {'second'} */ ('second'),
    empty: /** @type {RichDelta} */ ({ ops: [] }),
    /** @param {any} [data] */
    create: (data) => /** @type {RichDelta} */ ({ ops: data?.ops ?? data ?? [] }),
    /** @param {any} operation */
    normalize(operation) {
        const parts = Array.isArray(operation) ? operation : operation?.ops;
        if (!Array.isArray(parts)) malformed('an operation is { ops: [...] }');
        const delta = new Delta();
        for (const part of jsonOf(parts)) delta.push(/** @type {any} */ (checked(part)));
        return plain(delta.chop());
    },
    /** @param {any} operation */
    decode: (operation) => /** @type {RichDelta} */ (operation),
    /**
     * @param {RichDelta} data
     * @param {RichDelta} operation
     */
    apply(data, operation) {
        mustFit(data, operation);
        return plain(deltaOf(data).compose(deltaOf(operation)));
    },
    /**
     * @param {RichDelta} operation
     * @param {RichDelta} other
     * @param {'first' | 'second'} side
     */
    transform: (operation, other, side) =>
        plain(deltaOf(other).transform(deltaOf(operation), side === 'second')),
    /**
     * @param {RichDelta} first
     * @param {RichDelta} second
     */
    compose: (first, second) => plain(deltaOf(first).compose(deltaOf(second))),
    /**
     * @param {RichDelta} operation
     * @param {RichDelta} before
     */
    invert: (operation, before) => plain(deltaOf(operation).invert(deltaOf(before))),
    /**
     * @param {RichDelta} before
     * @param {RichDelta} after
     * @returns {RichDelta}
     */
    difference(before, after) {
        const steps = plain(deltaOf(before).diff(deltaOf(after)));
        return leadsTo(before, steps, after) ? steps : replacement(before, after);
    },
    /** @param {RichDelta} operation */
    isEmpty: ({ ops }) => ops.length === 0,
    /**
     * @param {RichDelta} operation
     * @param {number} position
     * @param {boolean} own
     */
    movePosition: (operation, position, own) =>
        deltaOf(operation).transformPosition(position, !own),
    /** @param {RichDelta} data */
    draft: (data) => new RichDraft(data),
};
