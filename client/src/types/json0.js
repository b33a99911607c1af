import ot from 'ot-json0';
import text0 from 'ot-json0/lib/text0.js';

import { STATUS, TuttiError } from '../status.js';
import { isObject, jsonOf, sameJson, wellFormed } from './json.js';

/** @typedef {(string | number)[]} Path names in objects, indexes in lists */

/**
 * One step at a place; see ot-json0.
 *
 * @typedef {object} Json0Component
 * @property {Path} p
 * @property {number} [na]
 * @property {any} [li]
 * @property {any} [ld]
 * @property {number} [lm]
 * @property {any} [oi]
 * @property {any} [od]
 * @property {string} [si] the last of `p` is the offset, in UTF-16 units
 * @property {string} [sd]
 * @property {string} [t]
 * @property {any} [o]
 */

/** The server transforms any two components with one another. */
const COMPONENTS_MAX = 512;

const reference = ot.type;
/** What components with a `t` edit; those of one's own come in by `registerSubtype`. */
const subtypes = new Map([['text0', text0]]);

/**
 * @param {boolean} fits
 * @param {string} text
 */
function mustFit(fits, text) {
    if (!fits) throw new TuttiError(STATUS.NOT_APPLICABLE, text);
}

/* ---- Applying, with what did not change shared ---- */

/**
 * @param {any} container
 * @param {string | number} key
 */
function copyFor(container, key) {
    const list = Array.isArray(container) && Number.isSafeInteger(key);
    mustFit(list || (isObject(container) && typeof key === 'string'), `nothing is at ${key}`);
    return list ? [...container] : { ...container };
}

/**
 * `value` with what is at the path changed.
 *
 * @param {any} value
 * @param {Path} path
 * @param {(part: any) => any} change
 * @returns {any}
 */
function changed(value, path, change) {
    if (path.length === 0) return change(value);
    const [key, ...rest] = path;
    const copy = copyFor(value, key);
    mustFit(Object.hasOwn(copy, key), `nothing is at ${key}`);
    copy[key] = changed(copy[key], rest, change);
    return copy;
}

/**
 * @param {any} text
 * @param {number} at
 * @param {Json0Component} component
 */
function editedText(text, at, { si, sd }) {
    const within = Number.isSafeInteger(at) && at >= 0 && at <= text?.length;
    mustFit(typeof text === 'string' && within, 'no text is there');
    mustFit(text.startsWith(sd ?? '', at), 'another text is there');
    return text.slice(0, at) + (si ?? '') + text.slice(at + (sd?.length ?? 0));
}

/**
 * @param {any} list
 * @param {any} index
 * @param {Json0Component} component
 */
function editedList(list, index, { li, ld, lm }) {
    mustFit(Array.isArray(list) && Number.isSafeInteger(index) && index >= 0, 'no list is there');
    const inserts = li !== undefined && ld === undefined;
    mustFit(inserts ? index <= list.length : index < list.length, 'beyond the end of the list');
    mustFit(lm === undefined || (lm >= 0 && lm < list.length), 'beyond the end of the list');
    const copy = [...list];
    if (lm !== undefined) copy.splice(lm, 0, ...copy.splice(index, 1));
    else if (inserts) copy.splice(index, 0, li);
    else if (li === undefined) copy.splice(index, 1);
    else copy[index] = li;
    return copy;
}

/**
 * @param {any} object
 * @param {any} name
 * @param {Json0Component} component
 */
function editedObject(object, name, { oi }) {
    mustFit(isObject(object) && typeof name === 'string', 'no object is there');
    mustFit(name !== '__proto__', 'no member may be called __proto__');
    const copy = { ...object };
    if (oi === undefined) delete copy[name];
    else copy[name] = oi;
    return copy;
}

/**
 * @param {any} data
 * @param {Json0Component} component
 */
function applied(data, component) {
    const { p, na, t, o } = component;
    const [above, key] = [p.slice(0, -1), p[p.length - 1]];
    const has = (/** @type {string[]} */ ...names) => names.some((name) => name in component);
    if (has('na'))
        return changed(data, p, (number) => {
            mustFit(typeof number === 'number', 'no number is there');
            return number + /** @type {number} */ (na);
        });
    if (has('t')) {
        const subtype = subtypes.get(String(t));
        mustFit(subtype !== undefined, `no subtype ${t} here`);
        return changed(data, p, (part) => subtype.apply(part, o));
    }
    if (p.length === 0) {
        mustFit(has('oi', 'od'), 'the whole document is replaced by oi');
        return component.oi ?? null;
    }
    const edited = has('si', 'sd') ? editedText : has('li', 'ld', 'lm') ? editedList : editedObject;
    return changed(data, above, (part) => edited(part, /** @type {any} */ (key), component));
}

/* ---- Inverses ---- */

/**
 * @param {any} data
 * @param {Path} path
 */
function partAt(data, path) {
    return path.reduce((part, key) => part?.[key], data);
}

/**
 * What takes a component back: with what is really there, whatever the component says.
 *
 * @param {any} data before it
 * @param {Json0Component} component
 * @returns {Json0Component}
 */
function inverseOf(data, component) {
    const { p, li, ld, oi } = component;
    const was = partAt(data, p);
    if ('oi' in component || 'od' in component)
        return { p, ...(oi !== undefined && { od: oi }), ...(was !== undefined && { oi: was }) };
    if (ld !== undefined) return { p, ...(li !== undefined && { ld: li }), li: was };
    return reference.invert([component])[0];
}

/* ---- Difference ---- */

/**
 * @param {ArrayLike<any>} before
 * @param {ArrayLike<any>} after
 * @param {(one: any, other: any) => boolean} same
 */
function equalEnds(before, after, same) {
    const most = Math.min(before.length, after.length);
    let [prefix, suffix] = [0, 0];
    while (prefix < most && same(before[prefix], after[prefix])) prefix++;
    const equal = () =>
        same(before[before.length - 1 - suffix], after[after.length - 1 - suffix]);
    while (suffix < most - prefix && equal()) suffix++;
    return { prefix, suffix };
}

/**
 * @param {Json0Component[]} into
 * @param {Path} p
 * @param {string} before
 * @param {string} after
 */
function textDifference(into, p, before, after) {
    let { prefix, suffix } = equalEnds(before, after, Object.is);
    if (/[\ud800-\udbff]$/.test(before.slice(0, prefix))) prefix--;
    if (/^[\udc00-\udfff]/.test(before.slice(before.length - suffix))) suffix--;
    const removed = before.slice(prefix, before.length - suffix);
    const inserted = after.slice(prefix, after.length - suffix);
    if (removed !== '') into.push({ p: [...p, prefix], sd: removed });
    if (inserted !== '') into.push({ p: [...p, prefix], si: inserted });
}

/**
 * @param {Json0Component[]} into
 * @param {Path} p
 * @param {any[]} before
 * @param {any[]} after
 */
function listDifference(into, p, before, after) {
    const { prefix, suffix } = equalEnds(before, after, sameJson);
    const old = before.slice(prefix, before.length - suffix);
    const fresh = after.slice(prefix, after.length - suffix);
    const both = Math.min(old.length, fresh.length);
    for (let i = 0; i < both; i++) difference(into, [...p, prefix + i], old[i], fresh[i], true);
    for (const ld of old.slice(both)) into.push({ p: [...p, prefix + both], ld });
    fresh.slice(both).forEach((li, i) => into.push({ p: [...p, prefix + both + i], li }));
}

/**
 * @param {Json0Component[]} into
 * @param {Path} p
 * @param {any} before
 * @param {any} after
 */
function objectDifference(into, p, before, after) {
    for (const name of Object.keys(before))
        if (!Object.hasOwn(after, name)) into.push({ p: [...p, name], od: before[name] });
    for (const [name, value] of Object.entries(after))
        if (!Object.hasOwn(before, name)) into.push({ p: [...p, name], oi: value });
        else difference(into, [...p, name], before[name], value, false);
}

/**
 * @param {Json0Component[]} into
 * @param {Path} p
 * @param {any} before
 * @param {any} after
 * @param {boolean} inList
 */
function difference(into, p, before, after, inList) {
    if (sameJson(before, after)) return;
    if (typeof before === 'string' && typeof after === 'string')
        textDifference(into, p, before, after);
    else if (Array.isArray(before) && Array.isArray(after)) listDifference(into, p, before, after);
    else if (isObject(before) && isObject(after)) objectDifference(into, p, before, after);
    else into.push(inList ? { p, ld: before, li: after } : { p, od: before, oi: after });
}

/* ---- The draft ---- */

/** What `doc.change` gives for JSON. */
export class Json0Draft {
    /** @type {Json0Component[]} */
    operation = [];
    #data;

    /** @param {any} data */
    constructor(data) {
        this.#data = data;
    }

    /** @param {Path} [path] */
    get(path = []) {
        return partAt(this.#data, path);
    }

    /**
     * Set a member of an object, or an element that a list has.
     *
     * @param {Path} path empty: the whole document
     * @param {any} value
     */
    set(path, value) {
        const was = this.get(path);
        const list = path.length > 0 && Array.isArray(this.get(path.slice(0, -1)));
        if (list) this.#add({ p: path, ld: was, li: value });
        else this.#add({ p: path, ...(was !== undefined && { od: was }), oi: value });
    }

    /** @param {Path} path */
    remove(path) {
        const was = this.get(path);
        mustFit(was !== undefined, 'nothing is there');
        const list = Array.isArray(this.get(path.slice(0, -1)));
        this.#add(list ? { p: path, ld: was } : { p: path, od: was });
    }

    /**
     * Into a list, before the element that has the index now.
     *
     * @param {Path} path
     * @param {any} value
     */
    insert(path, value) {
        this.#add({ p: path, li: value });
    }

    /**
     * Within a list.
     *
     * @param {Path} path
     * @param {number} to the index that it has then
     */
    move(path, to) {
        this.#add({ p: path, lm: to });
    }

    /**
     * To a number.
     *
     * @param {Path} path
     * @param {number} amount
     */
    add(path, amount) {
        this.#add({ p: path, na: amount });
    }

    /**
     * @param {Path} path of a text
     * @param {number} at UTF-16 units
     * @param {string} text
     */
    insertText(path, at, text) {
        if (text !== '') this.#add({ p: [...path, at], si: text });
    }

    /**
     * @param {Path} path of a text
     * @param {number} at UTF-16 units
     * @param {number} count
     */
    removeText(path, at, count) {
        const removed = this.get(path).slice(at, at + count);
        if (removed !== '') this.#add({ p: [...path, at], sd: removed });
    }

    /** @param {Json0Component} component */
    #add(component) {
        const normal = json0.normalize([component]);
        this.#data = json0.apply(this.#data, normal);
        this.operation = json0.compose(this.operation, normal);
    }
}

/**
 * @param {any} component
 * @returns {Json0Component}
 */
function checked(component) {
    const { p, si } = component ?? {};
    if (!Array.isArray(p))
        throw new TuttiError(STATUS.MALFORMED_OPERATION, 'a component has a path');
    return si === undefined ? component : { ...component, si: wellFormed(si) };
}

/**
 * `json0`: JSON documents, with the semantics of ot-json0.
 *
 * @satisfies {import('./type.js').Type<any, Json0Component[], Json0Draft> & Record<string, any>}
 */
export const json0 = {
    name: 'json0',
    identity: false,
    whoBreaksTies: false,
    left: /** @type {'first'} */ ('first'),
    empty: /** @type {Json0Component[]} */ ([]),
    create: (data = null) => data,
    /**
     * @param {any} operation
     * @returns {Json0Component[]}
     */
    normalize(operation) {
        if (!Array.isArray(operation))
            throw new TuttiError(STATUS.MALFORMED_OPERATION, 'an operation is an array');
        return reference.normalize(jsonOf(operation).map(checked));
    },
    /** @param {any} operation */
    decode: (operation) => /** @type {Json0Component[]} */ (operation),
    /**
     * @param {any} data
     * @param {Json0Component[]} operation
     * @returns {any}
     */
    apply: (data, operation) => operation.reduce(applied, data),
    /**
     * @param {Json0Component[]} operation
     * @param {Json0Component[]} other
     * @param {'first' | 'second'} side
     * @returns {Json0Component[]}
     */
    transform: (operation, other, side) =>
        reference.transform(operation, other, side === 'first' ? 'left' : 'right'),
    /**
     * @param {Json0Component[]} first
     * @param {Json0Component[]} second
     * @returns {Json0Component[]}
     */
    compose(first, second) {
        const both = reference.compose(first, second);
        if (both.length > COMPONENTS_MAX)
            throw new TuttiError(STATUS.TOO_LARGE, `more than ${COMPONENTS_MAX} components`);
        return both;
    },
    /**
     * @param {Json0Component[]} operation
     * @param {any} before
     * @returns {Json0Component[]}
     */
    invert(operation, before) {
        const steps = operation.map((component) => {
            const inverse = inverseOf(before, component);
            before = applied(before, component);
            return inverse;
        });
        return json0.normalize(steps.reverse());
    },
    /**
     * @param {any} before
     * @param {any} after
     * @returns {Json0Component[]}
     */
    difference(before, after) {
        /** @type {Json0Component[]} */
        const steps = [];
        difference(steps, [], before, after, false);
        return steps.length <= COMPONENTS_MAX ? steps : [{ p: [], od: before, oi: after }];
    },
    /** @param {Json0Component[]} operation */
    isEmpty: (operation) => operation.length === 0,
    /** @param {any} data */
    draft: (data) => new Json0Draft(data),
    /**
     * Let components embed operations of another type: ot-text-unicode's, rich-text's.
     *
     * @param {any} subtype as for ot-json0; its `invert` needs no document
     */
    registerSubtype(subtype) {
        reference.registerSubtype(subtype);
        subtypes.set(subtype.name, subtype);
    },
};
