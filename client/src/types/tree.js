import { STATUS, TuttiError } from '../status.js';
import { isObject, jsonOf, sameJson } from './json.js';
import { isKey, keyBetween } from './tree-key.js';

/**
 * Objects by their ids. `place` is the parent (null: the top) and the position among its children.
 *
 * @typedef {[parent: string | null, key: string]} Place
 * @typedef {{ place: Place, properties: Record<string, any> }} TreeObject
 * @typedef {Readonly<Record<string, TreeObject>>} TreeData
 */

/**
 * `{create, place, properties}`, `{move, place}`, `{set, properties}` or `{delete}`, each with an
 * id. In `set`, null removes a property.
 *
 * @typedef {object} TreeComponent
 * @property {string} [create]
 * @property {string} [move]
 * @property {string} [set]
 * @property {string} [delete]
 * @property {Place} [place]
 * @property {Record<string, any>} [properties]
 */

/**
 * Where among the children of `parent`: right before or after one of them, else at the end.
 *
 * @typedef {{ parent?: string | null, before?: string, after?: string }} Where
 */

/** The server's bound. */
const COMPONENTS_MAX = 100000;
/** @type {('create' | 'move' | 'set' | 'delete')[]} */
const KINDS = ['create', 'move', 'set', 'delete'];

/* ---- Looking ---- */

/** @type {WeakMap<TreeData, Map<string | null, string[]>>} */
const childrenOf = new WeakMap();

/**
 * The ids of the children in their order: by key, where keys are equal by id.
 *
 * @param {TreeData} data
 * @param {string | null} [parent]
 * @returns {readonly string[]}
 */
export function treeChildren(data, parent = null) {
    let known = childrenOf.get(data);
    if (known === undefined) {
        known = new Map();
        for (const [id, { place }] of Object.entries(data))
            known.set(place[0], [...(known.get(place[0]) ?? []), id]);
        for (const ids of known.values()) ids.sort((a, b) => order(data, a, b));
        childrenOf.set(data, known);
    }
    return known.get(parent) ?? [];
}

/**
 * @param {TreeData} data
 * @param {string} a
 * @param {string} b
 */
function order(data, a, b) {
    const [left, right] = [data[a].place[1], data[b].place[1]];
    if (left !== right) return left < right ? -1 : 1;
    return a < b ? -1 : 1;
}

/**
 * The object and all below it, parents first.
 *
 * @param {TreeData} data
 * @param {string} id
 * @returns {string[]}
 */
function subtree(data, id) {
    const found = [id];
    for (const one of found) found.push(...treeChildren(data, one));
    return found;
}

/**
 * @param {TreeData} data
 * @param {string | null} id
 * @param {string} ancestor
 */
function isBelow(data, id, ancestor) {
    for (; id !== null; id = data[id].place[0]) if (id === ancestor) return true;
    return false;
}

/* ---- Applying: what cannot be changes nothing ---- */

/**
 * @param {TreeData} data
 * @param {string} id
 */
const has = (data, id) => Object.hasOwn(data, id);

/**
 * @param {TreeData} data
 * @param {TreeComponent} component
 */
function parentIsThere(data, { place }) {
    const parent = /** @type {Place} */ (place)[0];
    return parent === null || has(data, parent);
}

/**
 * @param {TreeObject} object
 * @param {Record<string, any>} properties
 */
function withProperties(object, properties) {
    const after = { ...object.properties };
    for (const [name, value] of Object.entries(properties))
        if (value === null) delete after[name];
        else after[name] = value;
    return { ...object, properties: after };
}

/**
 * @param {TreeData} data
 * @param {TreeComponent} component
 * @returns {TreeData} the same when nothing changed
 */
function applied(data, component) {
    const { create, move, set, place, properties = {} } = component;
    if (create !== undefined) {
        if (has(data, create) || !parentIsThere(data, component)) return data;
        return { ...data, [create]: { place: /** @type {Place} */ (place), properties } };
    }
    const id = move ?? set ?? /** @type {string} */ (component.delete);
    if (!has(data, id)) return data;
    if (set !== undefined) return { ...data, [id]: withProperties(data[id], properties) };
    if (move === undefined) {
        const after = { ...data };
        for (const one of subtree(data, id)) delete after[one];
        return after;
    }
    const to = /** @type {Place} */ (place);
    if (!parentIsThere(data, component) || isBelow(data, to[0], id)) return data;
    if (sameJson(data[id].place, to)) return data;
    return { ...data, [id]: { ...data[id], place: to } };
}

/* ---- Operations ---- */

/**
 * @param {boolean} right
 * @param {string} text
 */
function must(right, text) {
    if (!right) throw new TuttiError(STATUS.MALFORMED_OPERATION, text);
}

/** @param {any} properties */
const isEmpty = (properties) => Object.keys(properties).length === 0;
/** @param {any} id */
const isId = (id) => /^[A-Za-z0-9_.-]{1,64}$/.test(id) && id !== '__proto__';

/**
 * @param {any} component
 * @returns {TreeComponent}
 */
function checked(component) {
    const kinds = KINDS.filter((kind) => component?.[kind] !== undefined);
    const { place, properties } = component ?? {};
    const [kind] = kinds;
    must(kinds.length === 1 && isId(component[kind]), 'it names one object');
    const placed = kind === 'create' || kind === 'move';
    const filled = kind === 'create' || kind === 'set';
    const whole = placed === (place !== undefined) && filled === (properties !== undefined);
    must(whole, `not a ${kind}`);
    if (placed) {
        must(Array.isArray(place) && place.length === 2 && isKey(place[1]), 'no such place');
        must(place[0] === null || isId(place[0]), 'the parent is an id');
    }
    if (filled) must(isObject(properties), 'properties are an object');
    if (kind === 'create')
        must(!Object.values(properties).includes(null), 'a property that is null is left out');
    return { [kind]: component[kind], ...(placed && { place }), ...(filled && { properties }) };
}

/**
 * @param {TreeComponent} component
 * @param {Map<string, Set<string>>} again the properties that are set later, by object
 * @returns {TreeComponent[]} none when nothing is left of it
 */
function unlessSet(component, again) {
    const later = component.set === undefined ? undefined : again.get(component.set);
    if (later === undefined) return [component];
    const kept = Object.entries(component.properties ?? {}).filter(([name]) => !later.has(name));
    return kept.length > 0 ? [{ ...component, properties: Object.fromEntries(kept) }] : [];
}

/**
 * @param {TreeData} data
 * @param {string} id
 * @returns {TreeComponent}
 */
function creation(data, id) {
    return { create: id, ...data[id] };
}

/**
 * What takes back a component that changes something.
 *
 * @param {TreeData} data before it
 * @param {TreeComponent} component
 * @returns {TreeComponent[]}
 */
function inverseOf(data, { create, move, set, delete: removed, properties = {} }) {
    if (create !== undefined) return [{ delete: create }];
    if (move !== undefined) return [{ move, place: data[move].place }];
    if (removed !== undefined) return subtree(data, removed).map((id) => creation(data, id));
    const object = data[/** @type {string} */ (set)];
    const old = Object.keys(properties).map((name) => [name, object.properties[name] ?? null]);
    return old.length > 0 ? [{ set, properties: Object.fromEntries(old) }] : [];
}

/**
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 */
function changedProperties(before, after) {
    /** @type {Record<string, any>} */
    const changed = {};
    for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) changed[name] = null;
    for (const [name, value] of Object.entries(after))
        if (!Object.hasOwn(before, name) || !sameJson(before[name], value)) changed[name] = value;
    return changed;
}

/**
 * From the top down, so that no object moves below one that is itself still to be moved.
 *
 * @param {TreeData} before
 * @param {TreeData} after
 */
function treeDifference(before, after) {
    /** @type {TreeComponent[]} */
    const steps = [];
    for (const id of [...treeChildren(after)].flatMap((top) => subtree(after, top))) {
        const [was, is] = [before[id], after[id]];
        if (was === is) continue;
        if (was === undefined) {
            steps.push(creation(after, id));
            continue;
        }
        if (!sameJson(was.place, is.place)) steps.push({ move: id, place: is.place });
        const properties = changedProperties(was.properties, is.properties);
        if (!isEmpty(properties)) steps.push({ set: id, properties });
    }
    for (const [id, { place }] of Object.entries(before)) {
        const goesAlong = place[0] !== null && !has(after, place[0]);
        if (!has(after, id) && !goesAlong) steps.push({ delete: id });
    }
    return steps;
}

/* ---- The draft ---- */

/** What `doc.change` gives for a tree. */
export class TreeDraft {
    /** @type {TreeComponent[]} */
    operation = [];
    #data;
    #newId;

    /**
     * @param {TreeData} data
     * @param {() => string} newId
     */
    constructor(data, newId) {
        this.#data = data;
        this.#newId = newId;
    }

    get data() {
        return this.#data;
    }

    /** @param {string | null} [parent] */
    children(parent = null) {
        return treeChildren(this.#data, parent);
    }

    /**
     * @param {Where & { properties?: Record<string, any> }} [what]
     * @returns {string} its id
     */
    create({ properties = {}, ...where } = {}) {
        const id = this.#newId();
        const place = this.#place(where, id);
        this.#add({ create: id, place, properties });
        return id;
    }

    /**
     * @param {string} id
     * @param {Where} where
     */
    move(id, where) {
        this.#add({ move: id, place: this.#place(where, id) });
    }

    /**
     * @param {string} id
     * @param {Record<string, any>} properties null removes one
     */
    set(id, properties) {
        this.#add({ set: id, properties });
    }

    /** @param {string} id and all below it */
    remove(id) {
        this.#add({ delete: id });
    }

    /**
     * @param {Where} where
     * @param {string} id who is to go there
     * @returns {Place}
     */
    #place({ parent = null, before, after }, id) {
        const beside = before ?? after;
        if (beside !== undefined) parent = this.#data[beside].place[0];
        const siblings = this.children(parent).filter((one) => one !== id);
        const at =
            beside === undefined
                ? siblings.length
                : siblings.indexOf(beside) + (before === undefined ? 1 : 0);
        const left = at > 0 ? this.#keyOf(siblings[at - 1]) : null;
        if (left !== null) this.#separate(siblings.slice(at), left);
        return [parent, keyBetween(left, at < siblings.length ? this.#keyOf(siblings[at]) : null)];
    }

    /** @param {string} id */
    #keyOf(id) {
        return this.#data[id].place[1];
    }

    /**
     * Between equal keys there is none: those on the right get new ones, in their order.
     *
     * @param {string[]} right
     * @param {string} key
     */
    #separate(right, key) {
        const equal = right.filter((id) => this.#keyOf(id) === key);
        const next = right[equal.length];
        const end = next === undefined ? null : this.#keyOf(next);
        for (const id of equal) {
            key = keyBetween(key, end);
            this.#add({ move: id, place: [this.#data[id].place[0], key] });
        }
    }

    /** @param {TreeComponent} component */
    #add(component) {
        const normal = tree.normalize([component]);
        this.#data = tree.apply(this.#data, normal);
        this.operation = tree.compose(this.operation, normal);
    }
}

/**
 * `tree`: objects with properties, moved without cycles; see ot/tree.h. Each property has the
 * value that was set last, in the order of the server.
 *
 * @satisfies {import('./type.js').Type<TreeData, TreeComponent[], TreeDraft> & Record<string, any>}
 */
export const tree = {
    name: 'tree',
    identity: true,
    whoBreaksTies: false,
    left: /** @type {'first'} */ ('first'),
    empty: /** @type {TreeComponent[]} */ ([]),
    create: (data = {}) => /** @type {TreeData} */ (data),
    /** @param {any} operation */
    normalize(operation) {
        must(Array.isArray(operation), 'an operation is an array');
        const components = /** @type {TreeComponent[]} */ (jsonOf(operation).map(checked));
        return components.filter(
            ({ set, properties }) => set === undefined || !isEmpty(properties),
        );
    },
    /** @param {any} operation */
    decode: (operation) => /** @type {TreeComponent[]} */ (operation),
    /**
     * @param {TreeData} data
     * @param {TreeComponent[]} operation
     */
    apply: (data, operation) => operation.reduce(applied, data),
    /**
     * @param {TreeComponent[]} operation
     * @param {TreeComponent[]} _other
     * @param {'first' | 'second'} _side
     */
    transform: (operation, _other, _side) => operation,
    /**
     * @param {TreeComponent[]} first
     * @param {TreeComponent[]} second
     */
    compose(first, second) {
        /** @type {Map<string, Set<string>>} */
        const again = new Map();
        for (const { set, properties = {} } of second)
            if (set !== undefined)
                again.set(set, new Set([...(again.get(set) ?? []), ...Object.keys(properties)]));
        const both = [...first.flatMap((component) => unlessSet(component, again)), ...second];
        if (both.length > COMPONENTS_MAX)
            throw new TuttiError(STATUS.TOO_LARGE, `more than ${COMPONENTS_MAX} components`);
        return both;
    },
    /**
     * @param {TreeComponent[]} operation
     * @param {TreeData} before
     */
    invert(operation, before) {
        const steps = operation.map((component) => {
            const after = applied(before, component);
            const inverse = after === before ? [] : inverseOf(before, component);
            before = after;
            return inverse;
        });
        return steps.reverse().flat();
    },
    difference: treeDifference,
    /** @param {TreeComponent[]} operation */
    isEmpty: (operation) => operation.length === 0,
    /**
     * A deletion takes what others had put and changed below meanwhile: taking it back brings all
     * that back, as it was when the deletion took it.
     *
     * @param {TreeComponent[]} inverse
     * @param {TreeComponent[]} operation that came by
     * @param {TreeData} before the confirmed state that it came upon
     */
    completeInverse(inverse, operation, before) {
        const created = new Set(inverse.map(({ create }) => create));
        const taken = new Set(
            operation
                .filter(({ delete: id }) => id !== undefined && created.has(id) && has(before, id))
                .flatMap(({ delete: id }) => subtree(before, /** @type {string} */ (id))),
        );
        if (taken.size === 0) return inverse;
        /** @param {TreeComponent} component */
        const isOfTaken = ({ create }) => create !== undefined && taken.has(create);
        const others = inverse.filter((component) => !isOfTaken(component));
        others.splice(
            inverse.findIndex(isOfTaken),
            0,
            ...[...taken].map((id) => creation(before, id)),
        );
        return others;
    },
    /**
     * @param {TreeData} data
     * @param {() => string} newId
     */
    draft: (data, newId) => new TreeDraft(data, newId),
    children: treeChildren,
    keyBetween,
};
