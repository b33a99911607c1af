import { Held } from './held.js';
import { cursorOf, forgetCursor, personOf, tellCursor } from './person.js';

/** @typedef {import('../src/document.js').Document<'rich'>} Document */
/** @typedef {import('../src/types/rich.js').RichDelta} RichDelta */
/** @typedef {import('quill').default} Quill */

/**
 * A `rich` document in a Quill 2 editor, with the cursors of the others.
 *
 * Quill's text always ends with a line break. Where the document's does not, the editor shows one
 * more, and the first edit in it brings it to the document.
 *
 *   shown  --held (operations of others, while a word is being composed)-->  document
 *
 * Undo, by keyboard and by `quill.history`, is the document's: of one's own edits only.
 */
export class QuillBinding {
    #quill;
    #document;
    /** The part of the document that the editor shows, without the line break that is Quill's. */
    #shown;
    #held;
    #applying = false;
    #release;

    /**
     * @param {Quill} quill
     * @param {Document} document of the type `rich`
     */
    constructor(quill, document) {
        this.#quill = quill;
        this.#document = document;
        this.#shown = document.data;
        this.#held = new Held(document.type);
        this.#showAll();
        const undoesAgain = this.#takeHistory();
        const cursors = new Cursors(quill, document.presence, () => this.#held.isEmpty);
        const typed = (/** @type {any} */ delta) => this.#applying || this.#typed(delta);
        const selected = () => this.#selected();
        const composed = () => this.#catchUp();
        quill.on('text-change', typed);
        quill.on('selection-change', selected);
        quill.on('composition-end', composed);
        const forget = document.on('change', ({ operations, source }) => {
            if (source !== this) this.#changed(operations);
        });
        this.#release = () => {
            forget();
            quill.off('text-change', typed);
            quill.off('selection-change', selected);
            quill.off('composition-end', composed);
            undoesAgain();
            cursors.close();
        };
    }

    /** Let go of both; the editor keeps what it shows. */
    close() {
        this.#release();
        forgetCursor(this.#document.presence);
    }

    get #type() {
        return this.#document.type;
    }

    /** @param {RichDelta} delta what a person, or the application, did in the editor */
    #typed(delta) {
        try {
            const operation = this.#type.compose(padding(this.#shown), this.#type.normalize(delta));
            this.#shown = this.#type.apply(this.#shown, operation);
            this.#document.submit(this.#held.typed(operation), { source: this });
        } catch {
            /* Too large, half a character, or the document is gone: show what there is. */
            this.#held.take();
            this.#shown = this.#document.data;
            this.#showAll();
        }
    }

    /** @param {RichDelta[]} operations */
    #changed(operations) {
        this.#held.add(operations);
        if (this.#quill.composition.isComposing) return;
        this.#quill.update('user'); /* what was typed, and Quill has not yet seen */
        this.#catchUp();
    }

    #catchUp() {
        if (this.#held.isEmpty) return;
        const operation = this.#held.take();
        const before = this.#shown;
        this.#shown = this.#type.apply(before, operation);
        const delta = this.#padded(before, operation, this.#shown);
        this.#apply(() => this.#quill.updateContents(/** @type {any} */ (delta), 'api'));
    }

    /**
     * The operation as it is for the editor, whose own line break comes or goes.
     *
     * @param {RichDelta} before
     * @param {RichDelta} operation
     * @param {RichDelta} after
     */
    #padded(before, operation, after) {
        const { compose, invert, isEmpty } = this.#type;
        const [had, has] = [padding(before), padding(after)];
        if (isEmpty(had) === isEmpty(has)) return operation;
        return compose(compose(invert(had, before), operation), has);
    }

    #showAll() {
        const ops = this.#type.apply(this.#shown, padding(this.#shown));
        this.#apply(() => this.#quill.setContents(/** @type {any} */ (ops), 'api'));
    }

    /** @param {() => void} run */
    #apply(run) {
        this.#applying = true;
        try {
            run();
        } finally {
            this.#applying = false;
        }
    }

    #selected() {
        const range = this.#quill.getSelection();
        if (range === null || !this.#held.isEmpty) return;
        tellCursor(this.#document.presence, range.index, range.index + range.length);
    }

    /**
     * Quill's history comes down to `change`, from its keys, the menu and its methods alike.
     *
     * @returns {() => void} gives it back
     */
    #takeHistory() {
        const history = /** @type {any} */ (this.#quill.history);
        const { change, record } = history;
        history.clear();
        history.record = () => {};
        history.change = (/** @type {'undo' | 'redo'} */ way) => {
            const before = this.#quill.getContents();
            if (!this.#document.undo[way]()) return;
            const changed = before.diff(this.#quill.getContents());
            this.#quill.setSelection(endOf(changed.ops), 0, 'user');
        };
        return () => Object.assign(history, { change, record });
    }
}

/**
 * The line break that Quill shows behind a document.
 *
 * @param {RichDelta} data
 * @returns {RichDelta}
 */
function padding({ ops }) {
    const last = ops.at(-1)?.insert;
    if (typeof last === 'string' && last.endsWith('\n')) return { ops: [] };
    const length = ops.reduce((sum, { insert }) => sum + lengthOf(insert), 0);
    return { ops: [...(length > 0 ? [{ retain: length }] : []), { insert: '\n' }] };
}

/** @param {any} insert */
function lengthOf(insert) {
    return typeof insert === 'string' ? insert.length : 1;
}

/**
 * Where a change ends, in the text after it.
 *
 * @param {any[]} ops
 */
function endOf(ops) {
    let [at, end] = [0, 0];
    for (const { insert, retain, attributes, delete: removed } of ops) {
        if (removed === undefined) at += insert === undefined ? retain : lengthOf(insert);
        if (insert !== undefined || removed !== undefined || attributes !== undefined) end = at;
    }
    return end;
}

/** The cursors and selections of the others, drawn above the text. */
class Cursors {
    #quill;
    #presence;
    #inStep;
    #layer;
    #frame = 0;
    #release;

    /**
     * @param {Quill} quill
     * @param {import('../src/presence.js').Presence} presence
     * @param {() => boolean} inStep the editor shows all of the document
     */
    constructor(quill, presence, inStep) {
        this.#quill = quill;
        this.#presence = presence;
        this.#inStep = inStep;
        this.#layer = quill.addContainer('tutti-cursors');
        this.#layer.ariaHidden = 'true';
        this.#layer.style.cssText =
            'position: absolute; inset: 0; overflow: hidden; pointer-events: none; z-index: 1';
        if (getComputedStyle(quill.container).position === 'static')
            quill.container.style.position = 'relative';
        const soon = () => this.#soon();
        const forget = presence.on('change', soon);
        quill.on('text-change', soon);
        quill.root.addEventListener('scroll', soon, { passive: true });
        const resized = new ResizeObserver(soon);
        resized.observe(quill.root);
        this.#release = () => {
            forget();
            quill.off('text-change', soon);
            quill.root.removeEventListener('scroll', soon);
            resized.disconnect();
        };
        soon();
    }

    close() {
        this.#release();
        cancelAnimationFrame(this.#frame);
        this.#layer.remove();
    }

    #soon() {
        cancelAnimationFrame(this.#frame);
        this.#frame = requestAnimationFrame(() => this.#draw());
    }

    #draw() {
        if (!this.#inStep()) return; /* until the word is composed */
        const drawn = [];
        for (const [who, state] of this.#presence.others) {
            const cursor = cursorOf(state, this.#quill.getLength() - 1);
            if (cursor === null) continue;
            const { name, colour } = personOf(who, state);
            const [from, to] = [cursor.anchor, cursor.head].sort((one, other) => one - other);
            for (const rect of this.#rects(from, to)) drawn.push(selection(rect, colour));
            const bounds = this.#quill.getBounds(cursor.head);
            if (bounds !== null) drawn.push(caret(bounds, name, colour));
        }
        this.#layer.replaceChildren(...drawn);
    }

    /**
     * @param {number} from
     * @param {number} to
     * @returns {DOMRect[]} of the lines between, in the container
     */
    #rects(from, to) {
        if (from === to) return [];
        const range = document.createRange();
        range.setStart(...this.#place(from));
        range.setEnd(...this.#place(to));
        const { left, top } = this.#quill.container.getBoundingClientRect();
        return [...range.getClientRects()].map(
            (rect) => new DOMRect(rect.left - left, rect.top - top, rect.width, rect.height),
        );
    }

    /**
     * @param {number} index
     * @returns {[Node, number]}
     */
    #place(index) {
        const [leaf, offset] = this.#quill.getLeaf(index);
        return leaf === null ? [this.#quill.root, 0] : leaf.position(offset, true);
    }
}

/**
 * @param {DOMRect} rect
 * @param {string} colour
 */
function selection({ x, y, width, height }, colour) {
    const mark = document.createElement('span');
    mark.className = 'tutti-selection';
    mark.style.cssText = 'position: absolute; opacity: 0.2';
    place(mark, x, y, height);
    mark.style.width = `${width}px`;
    mark.style.backgroundColor = colour;
    return mark;
}

/**
 * @param {{ left: number, top: number, height: number }} bounds
 * @param {string} name
 * @param {string} colour
 */
function caret({ left, top, height }, name, colour) {
    const mark = document.createElement('span');
    mark.className = 'tutti-caret';
    mark.style.cssText = 'position: absolute; width: 2px; margin-left: -1px';
    place(mark, left, top, height);
    mark.style.backgroundColor = colour;
    if (name === '') return mark;
    const label = document.createElement('span');
    label.className = 'tutti-name';
    label.textContent = name;
    label.style.cssText =
        'position: absolute; left: 0; bottom: 100%; padding: 0 4px; white-space: nowrap;' +
        'font: 11px/1.4 system-ui, sans-serif; color: #fff; border-radius: 3px 3px 3px 0';
    label.style.backgroundColor = colour;
    mark.append(label);
    return mark;
}

/**
 * @param {HTMLElement} mark
 * @param {number} left
 * @param {number} top
 * @param {number} height
 */
function place(mark, left, top, height) {
    Object.assign(mark.style, { left: `${left}px`, top: `${top}px`, height: `${height}px` });
}
