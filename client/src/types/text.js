import { type as reference } from 'ot-text-unicode';
import { strPosToUni, uniToStrPos } from 'unicount';

import { STATUS, TuttiError } from '../status.js';
import { wellFormed } from './json.js';

/**
 * An operation walks over the text: a number skips, a string is inserted, `{d: n}` deletes.
 * All counts are code points, as on the wire.
 *
 * @typedef {(number | string | { d: number })[]} TextOperation
 */

/**
 * Code points of a string, or of its first `units` UTF-16 units.
 *
 * @param {string} text
 * @param {number} [units]
 */
export function pointsOf(text, units = text.length) {
    return strPosToUni(text, units);
}

/**
 * The UTF-16 index of a position in code points.
 *
 * @param {string} text
 * @param {number} points
 */
export function unitsOf(text, points) {
    return Math.min(uniToStrPos(text, points), text.length);
}

/** @param {string} unit */
const isHigh = (unit) => unit >= '\ud800' && unit <= '\udbff';
/** @param {string} unit */
const isLow = (unit) => unit >= '\udc00' && unit <= '\udfff';

/**
 * @param {number} at code points
 * @param {number} count code points taken away there
 * @param {string} inserted
 * @returns {TextOperation}
 */
export function replacement(at, count, inserted) {
    /** @type {TextOperation} */
    const operation = [];
    if (at > 0) operation.push(at);
    if (inserted !== '') operation.push(inserted);
    if (count > 0) operation.push({ d: count });
    return typeof operation[operation.length - 1] === 'number' ? [] : operation;
}

/**
 * The one replaced piece between two texts, in UTF-16 units. `caret` is where the caret stands in
 * `after` when a person made the change: it tells which of several equal letters is the new one.
 *
 * @param {string} before
 * @param {string} after
 * @param {number} [caret]
 */
export function replacedPiece(before, after, caret = after.length) {
    const most = Math.min(before.length, after.length);
    const suffixMost = Math.min(most, after.length - Math.min(caret, after.length));
    let suffix = 0;
    while (suffix < suffixMost && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++;
    let prefix = 0;
    while (prefix < most - suffix && before[prefix] === after[prefix]) prefix++;
    /* The caret is only a hint; where it was wrong, what is equal behind it counts too. */
    while (suffix < most - prefix && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++;
    if (prefix > 0 && isHigh(before[prefix - 1])) prefix--;
    if (suffix > 0 && isLow(before[before.length - suffix])) suffix--;
    return { at: prefix, removed: before.length - prefix - suffix, end: after.length - suffix };
}

/**
 * @param {string} before
 * @param {string} after
 * @param {number} [caret]
 * @returns {TextOperation}
 */
export function textDifference(before, after, caret) {
    const { at, removed, end } = replacedPiece(before, after, caret);
    const deleted = pointsOf(before.slice(at, at + removed));
    return replacement(pointsOf(before, at), deleted, after.slice(at, end));
}

/**
 * @param {string} text
 * @returns {never}
 */
function malformed(text) {
    throw new TuttiError(STATUS.MALFORMED_OPERATION, text);
}

/**
 * A component as the wire wants it: deletions by count, insertions in Unicode.
 *
 * @param {any} component
 * @returns {number | string | { d: number }}
 */
function checked(component) {
    if (typeof component === 'string') return wellFormed(component);
    const deleted = component?.d;
    const count = typeof deleted === 'string' ? pointsOf(deleted) : (deleted ?? component);
    if (!Number.isSafeInteger(count) || count < 1) malformed('a count is an integer above 0');
    return deleted === undefined ? count : { d: count };
}

/** @param {TextOperation} operation */
function pointsNeeded(operation) {
    let points = 0;
    for (const component of operation)
        if (typeof component === 'number') points += component;
        else if (typeof component === 'object') points += component.d;
    return points;
}

/** What `doc.change` gives for a text; positions are code points. */
export class TextDraft {
    /** @type {TextOperation} */
    operation = [];
    #text;

    /** @param {string} text */
    constructor(text) {
        this.#text = text;
    }

    toString() {
        return this.#text;
    }

    /** In code points. */
    get length() {
        return pointsOf(this.#text);
    }

    /**
     * @param {number} at
     * @param {string} inserted
     */
    insert(at, inserted) {
        this.replace(at, 0, inserted);
    }

    /**
     * @param {number} at
     * @param {number} count
     */
    remove(at, count) {
        this.replace(at, count, '');
    }

    /**
     * @param {number} at
     * @param {number} count
     * @param {string} inserted
     */
    replace(at, count, inserted) {
        this.#add(replacement(at, count, inserted));
    }

    /**
     * Make it this text, by one replacement of what differs.
     *
     * @param {string} after
     */
    set(after) {
        this.#add(textDifference(this.#text, wellFormed(after)));
    }

    /** @param {TextOperation} operation */
    #add(operation) {
        const normal = text.normalize(operation);
        this.#text = text.apply(this.#text, normal);
        this.operation = text.compose(this.operation, normal);
    }
}

/**
 * `text`: plain text with the semantics of ot-text-unicode.
 *
 * @satisfies {import('./type.js').Type<string, TextOperation, TextDraft> & Record<string, any>}
 */
export const text = {
    name: 'text',
    identity: false,
    whoBreaksTies: true,
    left: /** @type {'first'} */ ('first'),
    empty: /** @type {TextOperation} */ ([]),
    /**
     * @param {any} [data]
     * @returns {string}
     */
    create: (data = '') => /** @type {any} */ (reference).create(data),
    /** @param {any} operation */
    normalize(operation) {
        if (!Array.isArray(operation)) malformed('an operation is an array');
        /* The reference joins neighbours in place: it gets components of its own. */
        return /** @type {TextOperation} */ (reference.normalize(operation.map(checked)));
    },
    /**
     * @param {any} operation
     * @returns {TextOperation}
     */
    decode: (operation) => text.normalize(operation),
    /**
     * @param {string} data
     * @param {TextOperation} operation
     * @returns {string}
     */
    apply(data, operation) {
        if (pointsNeeded(operation) > pointsOf(data))
            throw new TuttiError(STATUS.NOT_APPLICABLE, 'the operation reaches beyond the text');
        return reference.apply(data, operation);
    },
    /**
     * @param {TextOperation} operation
     * @param {TextOperation} other
     * @param {'first' | 'second'} side
     */
    transform: (operation, other, side) =>
        /** @type {TextOperation} */ (
            reference.transform(operation, other, side === 'first' ? 'left' : 'right')
        ),
    /**
     * @param {TextOperation} first
     * @param {TextOperation} second
     */
    compose: (first, second) => /** @type {TextOperation} */ (reference.compose(first, second)),
    /**
     * @param {TextOperation} operation
     * @param {string} before
     * @returns {TextOperation}
     */
    invert: (operation, before) =>
        text.normalize(/** @type {any} */ (reference).invertWithDoc(operation, before)),
    /**
     * @param {string} before
     * @param {string} after
     */
    difference: (before, after) => textDifference(before, after),
    /** @param {TextOperation} operation */
    isEmpty: (operation) => operation.length === 0,
    /**
     * @param {TextOperation} operation
     * @param {number} position
     * @param {boolean} own
     */
    movePosition(operation, position, own) {
        let at = 0;
        for (const component of operation) {
            if (at > position) break;
            if (typeof component === 'number') at += component;
            else if (typeof component === 'object')
                position -= Math.min(component.d, position - at);
            else if (at < position || own) {
                at += pointsOf(component);
                position += pointsOf(component);
            }
        }
        return position;
    },
    /** @param {string} data */
    draft: (data) => new TextDraft(data),
    pointsOf,
    unitsOf,
    textDifference,
};
