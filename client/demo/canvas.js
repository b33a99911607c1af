import {
    CanvasView,
    groupsOf,
    HEIGHT,
    isWithin,
    placeOf,
    SIZES,
    titleOf,
    WIDTH,
} from './canvas-view.js';
import { hueOf } from './people.js';
import { undoKeys } from './undo-keys.js';

/** @typedef {import('../src/types/tree.js').TreeData} TreeData */
/** @typedef {import('../src/document.js').Kind<'tree'>['draft']} Tree */

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

/**
 * An object that is there from the beginning.
 *
 * @param {[string | null, string]} place
 * @param {string} kind
 * @param {[number, number]} at
 * @param {string} text
 * @param {number} hue
 */
const first = (place, kind, at, text, hue) => ({ place, properties: { kind, at, text, hue } });

const BEGINNING = {
    strings: first([null, 'a0'], 'group', [24, 28], 'Strings', 200),
    violin: first(['strings', 'a0'], 'note', [16, 44], 'Drag me out', 45),
    winds: first([null, 'a1'], 'group', [256, 120], 'Winds', 280),
    oboe: first([null, 'a2'], 'rectangle', [70, 240], 'and me in', 140),
};
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The panel of the canvas: rectangles, notes and groups, one within the other. */
class Canvas {
    #client;
    #document;
    /** @type {HTMLElement} */
    #stage = element('stage');
    #view;
    /** @type {string | null} */
    #selected = null;
    /** @type {{ id: string, from: [number, number], pointer: [number, number] } | null} */
    #drag = null;

    /**
     * @param {import('../src/client.js').Client} client
     * @param {import('../src/document.js').Document<'tree'>} document
     */
    constructor(client, document) {
        this.#client = client;
        this.#document = document;
        this.#view = new CanvasView(this.#stage, document);
        const show = () => this.#show();
        document.on('change', show);
        document.presence.on('change', show);
        document.undo.on('change', show);
        this.#buttons();
        this.#listen();
        show();
    }

    #buttons() {
        const { undo } = this.#document;
        const actions = {
            note: () => this.#add('note'),
            rectangle: () => this.#add('rectangle'),
            group: () => this.#add('group'),
            front: () => this.#order(1),
            back: () => this.#order(-1),
            remove: () => this.#remove(),
            undo: () => undo.undo(),
            redo: () => undo.redo(),
        };
        for (const [id, action] of Object.entries(actions))
            element(id).addEventListener('click', action);
        element('inside').addEventListener('change', () => this.#putInto(element('inside').value));
        element('words').addEventListener('input', () => {
            const id = this.#selected;
            const text = element('words').value || null;
            if (id !== null) this.#document.change((tree) => tree.set(id, { text }));
        });
        for (const name of ['words', 'inside'])
            element(name).addEventListener('keydown', (/** @type {KeyboardEvent} */ { key }) => {
                if (key === 'Escape') this.#view.focus(this.#selected);
            });
    }

    #listen() {
        const stage = this.#stage;
        undoKeys(element('canvas'), this.#document);
        stage.addEventListener('focusin', ({ target }) => this.#select(this.#view.idOf(target)));
        stage.addEventListener('keydown', (event) => this.#key(event));
        stage.addEventListener('pointerdown', (event) => this.#grab(event));
        stage.addEventListener('pointermove', (event) => this.#pull(event));
        for (const name of ['pointerup', 'pointercancel'])
            stage.addEventListener(name, () => this.#drop());
    }

    /** @param {string | null} id */
    #select(id) {
        if (id === this.#selected) return;
        this.#selected = id;
        this.#document.presence.set(id === null ? {} : { selected: id });
        this.#show();
    }

    /** @param {string} text */
    #tell(text) {
        element('canvas-told').textContent = text;
    }

    #show() {
        const { data, undo } = this.#document;
        if (this.#selected !== null && data[this.#selected] === undefined) this.#select(null);
        const id = this.#selected;
        this.#view.show(id);
        for (const name of ['front', 'back', 'remove', 'inside', 'words'])
            element(name).disabled = id === null;
        element('undo').disabled = !undo.canUndo;
        element('redo').disabled = !undo.canRedo;
        const words = id === null ? '' : (data[id].properties.text ?? '');
        if (element('words').value !== words) element('words').value = words;
        this.#showInside(data, id);
    }

    /**
     * @param {TreeData} data
     * @param {string | null} id
     */
    #showInside(data, id) {
        const inside = element('inside');
        const groups = [...groupsOf(this.#document)].filter(
            (one) => !(id && isWithin(data, one, id)),
        );
        const options = groups.map((one) => new Option(titleOf(data, one), one));
        options.unshift(new Option('the canvas', ''));
        /* A list that is open stays as it is while others do other things. */
        const said = (/** @type {Iterable<HTMLOptionElement>} */ list) =>
            JSON.stringify(Array.from(list, ({ value, text }) => [value, text]));
        if (said(inside.options) !== said(options)) inside.replaceChildren(...options);
        inside.value = (id && data[id].place[0]) ?? '';
    }

    /* ---- What buttons and keys do ---- */

    /**
     * An edit that is one step of undo, however soon it comes after another one.
     *
     * @param {(tree: Tree) => void} make
     */
    #step(make) {
        this.#document.undo.transaction(() => this.#document.change(make));
    }

    /** @param {string} kind */
    #add(kind) {
        const count = Object.keys(this.#document.data).length;
        const at = [30 + ((count * 37) % 240), 40 + ((count * 53) % 200)];
        const hue = hueOf(this.#client.who ?? '');
        let id = '';
        this.#step((tree) => (id = tree.create({ properties: { kind, at, hue } })));
        this.#view.focus(id);
        this.#tell(`${kind} added`);
    }

    /** @param {number} step 1: to the front; −1: to the back */
    #order(step) {
        const id = this.#selected;
        if (id === null) return;
        const { data, type } = this.#document;
        const beside = type.children(data, data[id].place[0]).filter((one) => one !== id);
        const [first, last] = [beside[0], beside[beside.length - 1]];
        if (first === undefined) return;
        const where = step > 0 ? { after: last } : { before: first };
        this.#step((tree) => tree.move(id, where));
        this.#tell(`${titleOf(data, id)} to the ${step > 0 ? 'front' : 'back'}`);
    }

    #remove() {
        const id = this.#selected;
        if (id === null) return;
        this.#tell(`${titleOf(this.#document.data, id)} deleted, with what is in it`);
        this.#step((tree) => tree.remove(id));
        this.#stage.focus();
    }

    /**
     * Into another parent, where it stays where it is on the canvas.
     *
     * @param {string | null} parent
     */
    #putInto(parent) {
        const id = this.#selected;
        const { data } = this.#document;
        parent ||= null;
        if (id === null || data[id].place[0] === parent) return;
        const [x, y] = placeOf(data, id);
        const [left, top] = placeOf(data, parent);
        this.#step((tree) => {
            tree.move(id, { parent });
            tree.set(id, { at: [x - left, y - top] });
        });
        this.#tell(`${titleOf(data, id)} into ${parent ? titleOf(data, parent) : 'the canvas'}`);
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const id = this.#selected;
        const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
        if (id === null || event.ctrlKey || event.metaKey || event.altKey) return;
        if (step !== undefined) {
            const size = event.shiftKey ? 1 : 10;
            const [x, y] = placeOf(this.#document.data, id);
            this.#moveTo(id, [x + step[0] * size, y + step[1] * size]);
        } else if (event.key === 'Delete' || event.key === 'Backspace') this.#remove();
        else if (event.key === ']') this.#order(1);
        else if (event.key === '[') this.#order(-1);
        else if (event.key === 'Enter') element('words').focus();
        else return;
        event.preventDefault();
    }

    /* ---- Dragging: one step of undo ---- */

    /**
     * @param {string} id
     * @param {[number, number]} to on the canvas
     */
    #moveTo(id, [x, y]) {
        const { data } = this.#document;
        const [width, height] = SIZES[data[id].properties.kind] ?? SIZES.rectangle;
        const [left, top] = placeOf(data, data[id].place[0]);
        const at = [
            Math.round(Math.min(Math.max(x, 0), WIDTH - width)) - left,
            Math.round(Math.min(Math.max(y, 0), HEIGHT - height)) - top,
        ];
        this.#document.change((tree) => tree.set(id, { at }));
    }

    /** @param {PointerEvent} event */
    #grab(event) {
        const id = this.#view.idOf(event.target);
        if (event.button !== 0) return;
        event.preventDefault();
        this.#view.focus(id);
        this.#select(id);
        if (id === null) return;
        this.#stage.setPointerCapture(event.pointerId);
        this.#document.undo.pause();
        const from = placeOf(this.#document.data, id);
        this.#drag = { id, from, pointer: [event.clientX, event.clientY] };
    }

    /** @param {PointerEvent} event */
    #pull({ clientX, clientY }) {
        if (this.#drag === null || this.#document.data[this.#drag.id] === undefined) return;
        const { id, from, pointer } = this.#drag;
        const unit = this.#stage.clientWidth / WIDTH;
        const [x, y] = [(clientX - pointer[0]) / unit, (clientY - pointer[1]) / unit];
        if (Math.hypot(x, y) >= 2) this.#moveTo(id, [from[0] + x, from[1] + y]);
    }

    #drop() {
        const id = this.#drag?.id;
        if (id === undefined) return;
        const { data } = this.#document;
        if (data[id] !== undefined && String(placeOf(data, id)) !== String(this.#drag?.from))
            this.#putInto(this.#groupUnder(data, id));
        this.#drag = null;
        this.#document.undo.resume();
    }

    /**
     * The innermost, foremost group that has the middle of the object in it.
     *
     * @param {TreeData} data
     * @param {string} id
     */
    #groupUnder(data, id) {
        const [x, y] = placeOf(data, id);
        const [width, height] = SIZES[data[id].properties.kind] ?? SIZES.rectangle;
        const covers = (/** @type {string} */ one) => {
            const [left, top] = placeOf(data, one);
            const [right, bottom] = [left + SIZES.group[0], top + SIZES.group[1]];
            const [middleX, middleY] = [x + width / 2, y + height / 2];
            return left <= middleX && middleX < right && top <= middleY && middleY < bottom;
        };
        /** @type {string | null} */
        let found = null;
        for (const one of groupsOf(this.#document))
            if (!isWithin(data, one, id) && covers(one)) found = one;
        return found;
    }
}

/**
 * @param {import('../src/client.js').Client} client
 */
export async function canvasPanel(client) {
    const wanted = { type: /** @type {'tree'} */ ('tree'), create: true, data: BEGINNING };
    const doc = await client.open('demo/canvas', wanted);
    doc.presence.set({});
    new Canvas(client, doc);
    return doc;
}
