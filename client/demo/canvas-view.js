import { hueOf, nameOf } from './people.js';

/** @typedef {import('../src/types/tree.js').TreeData} TreeData */

/** The canvas in its own units; the page shows it as wide as there is room. */
export const WIDTH = 480;
export const HEIGHT = 400;

/** @type {Record<string, [number, number]>} */
export const SIZES = { rectangle: [92, 64], note: [104, 72], group: [190, 140] };

/**
 * Where an object is on the canvas: its own place is within its parent.
 *
 * @param {TreeData} data
 * @param {string | null} id
 * @returns {[number, number]}
 */
export function placeOf(data, id) {
    let [x, y] = [0, 0];
    for (; id !== null; id = data[id].place[0]) {
        const [left, top] = data[id].properties.at;
        x += left;
        y += top;
    }
    return [x, y];
}

/**
 * @param {TreeData} data
 * @param {string | null} id
 * @param {string} ancestor
 */
export function isWithin(data, id, ancestor) {
    for (; id !== null; id = data[id].place[0]) if (id === ancestor) return true;
    return false;
}

/**
 * What an object is called.
 *
 * @param {TreeData} data
 * @param {string} id
 */
export function titleOf(data, id) {
    const { kind, text } = data[id].properties;
    return text ? `${kind} “${text}”` : kind;
}

/**
 * The groups from the back to the front, each before those within it.
 *
 * @param {import('../src/document.js').Document<'tree'>} document
 * @param {string | null} [parent]
 * @returns {Generator<string>}
 */
export function* groupsOf(document, parent = null) {
    const { data, type } = document;
    for (const id of type.children(data, parent)) {
        if (data[id].properties.kind !== 'group') continue;
        yield id;
        yield* groupsOf(document, id);
    }
}

/** The tree as elements, one within the other as the objects are. */
export class CanvasView {
    #stage;
    #document;
    /** @type {Map<string, HTMLElement>} */
    #elements = new Map();

    /**
     * @param {HTMLElement} stage
     * @param {import('../src/document.js').Document<'tree'>} document
     */
    constructor(stage, document) {
        this.#stage = stage;
        this.#document = document;
    }

    /**
     * The object that an element of the stage belongs to.
     *
     * @param {EventTarget | null} target
     * @returns {string | null}
     */
    idOf(target) {
        const element = target instanceof Element ? target.closest('[data-id]') : null;
        return element instanceof HTMLElement ? (element.dataset.id ?? null) : null;
    }

    /** @param {string | null} id */
    focus(id) {
        const element = id === null ? this.#stage : this.#elements.get(id);
        element?.focus({ preventScroll: true });
    }

    /** @param {string | null} selected */
    show(selected) {
        const { data } = this.#document;
        const focused = this.idOf(document.activeElement);
        for (const [id, element] of this.#elements)
            if (data[id] === undefined) {
                element.remove();
                this.#elements.delete(id);
            }
        this.#children(null, this.#stage);
        const others = [...this.#document.presence.others];
        for (const [id, element] of this.#elements) {
            const other = others.find(([, state]) => state.selected === id);
            element.classList.toggle('selected', id === selected);
            element.classList.toggle('held', other !== undefined);
            element.dataset.holder = other === undefined ? '' : nameOf(other[0]);
            if (other) element.style.setProperty('--holder', String(hueOf(other[0])));
        }
        /* An element that was put elsewhere loses the focus; so does one that is gone. */
        if (focused !== null && this.idOf(document.activeElement) !== focused)
            this.focus(data[focused] === undefined ? null : focused);
    }

    /**
     * @param {string | null} parent
     * @param {HTMLElement} element
     */
    #children(parent, element) {
        const { data, type } = this.#document;
        /** @type {Element | null} */
        let last = null;
        for (const id of type.children(data, parent)) {
            const child = this.#elements.get(id) ?? this.#create(id);
            /* Looked up each time: what comes next may have gone into the one before. */
            const next = this.#after(element, last);
            if (child !== next) element.insertBefore(child, next);
            last = child;
            this.#fill(child, id);
            this.#children(id, child);
        }
    }

    /**
     * @param {Element} element
     * @param {Element | null} last null: what comes first
     */
    #after(element, last) {
        return last ? last.nextElementSibling : element.querySelector(':scope > .object');
    }

    /** @param {string} id */
    #create(id) {
        const element = document.createElement('div');
        element.className = `object ${this.#document.data[id].properties.kind}`;
        element.dataset.id = id;
        element.tabIndex = 0;
        element.setAttribute('role', 'group');
        element.append(document.createElement('span'));
        this.#elements.set(id, element);
        return element;
    }

    /**
     * @param {HTMLElement} element
     * @param {string} id
     */
    #fill(element, id) {
        const { data } = this.#document;
        const { kind, at, text = '', hue = 0 } = data[id].properties;
        const [width, height] = SIZES[kind] ?? SIZES.rectangle;
        const style = { '--x': at[0], '--y': at[1], '--w': width, '--h': height, '--hue': hue };
        for (const [name, value] of Object.entries(style))
            element.style.setProperty(name, String(value));
        const label = /** @type {HTMLElement} */ (element.firstElementChild);
        if (label.textContent !== text) label.textContent = text;
        const [parent] = data[id].place;
        const where = parent === null ? '' : `, in ${titleOf(data, parent)}`;
        element.setAttribute('aria-label', titleOf(data, id) + where);
    }
}
