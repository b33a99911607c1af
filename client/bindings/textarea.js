import { Held } from './held.js';

/** @typedef {import('../src/document.js').Document<'text'>} Document */
/** @typedef {import('../src/types/text.js').TextOperation} TextOperation */

/**
 * A `text` document in a textarea.
 *
 *   shown  --held (operations of others, while a word is being composed)-->  document
 *
 * `shown` is the text that the textarea had when we last looked. What a person types is the
 * difference from it, moved over `held` before it goes to the document. While an input method
 * composes, the text under it must not change: the operations of others are held back until the
 * composition ends. At any other time `held` is empty. Undo is the document's, of one's own edits.
 *
 * A textarea has only `\n` for a line break; `\r\n` and `\r` of a document stay what they are,
 * and only places between the two texts are translated.
 */
export class TextareaBinding {
    #area;
    #document;
    /** The document's text that the textarea shows, with its own line breaks. */
    #shown;
    #held;
    #composing = false;
    #release;

    /**
     * @param {HTMLTextAreaElement} area
     * @param {Document} document of the type `text`
     */
    constructor(area, document) {
        this.#area = area;
        this.#document = document;
        this.#held = new Held(document.type);
        this.#shown = document.data;
        area.value = document.data;
        const forget = document.on('change', ({ operations, source }) => {
            if (source !== this) this.#changed(operations);
        });
        const listeners = /** @type {[string, (event: any) => void][]} */ ([
            ['keydown', (event) => this.#pressed(event)],
            ['beforeinput', (event) => this.#asked(event)],
            ['input', () => this.#typed()],
            ['compositionstart', () => (this.#composing = true)],
            ['compositionend', () => this.#composed()],
        ]);
        for (const [name, listener] of listeners) area.addEventListener(name, listener);
        this.#release = () => {
            forget();
            for (const [name, listener] of listeners) area.removeEventListener(name, listener);
        };
    }

    get #type() {
        return this.#document.type;
    }

    /** Let go of both; the textarea keeps what it shows. */
    close() {
        this.#release();
    }

    /** @param {KeyboardEvent} event */
    #pressed(event) {
        if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
        const key = event.key.toLowerCase();
        if (key === 'z') this.#take(event, event.shiftKey ? 'redo' : 'undo');
        else if (key === 'y' && !event.shiftKey) this.#take(event, 'redo');
    }

    /** @param {InputEvent} event by a menu, or a phone that is shaken */
    #asked(event) {
        if (event.inputType === 'historyUndo') this.#take(event, 'undo');
        else if (event.inputType === 'historyRedo') this.#take(event, 'redo');
    }

    /**
     * The browser's own undo would take back what others wrote.
     *
     * @param {Event} event
     * @param {'undo' | 'redo'} way
     */
    #take(event, way) {
        event.preventDefault();
        this.#document.undo[way]();
    }

    #typed() {
        const { value, selectionStart, selectionEnd } = this.#area;
        const before = withoutReturns(this.#shown);
        if (value === before) return;
        const difference = this.#type.textDifference(before, value, selectionEnd);
        const typed = withReturns(difference, this.#shown);
        const operation = this.#type.normalize(typed);
        this.#shown = this.#type.apply(this.#shown, operation);
        this.#submit(this.#held.typed(operation));
        /* Half a surrogate pair became a letter of its own. */
        if (!this.#composing && withoutReturns(this.#shown) !== value)
            this.#show(this.#shown, selectionStart, selectionEnd);
    }

    /** @param {TextOperation} operation */
    #submit(operation) {
        try {
            this.#document.submit(operation, { source: this });
        } catch {
            /* Too large, or the document is gone: the textarea shows what there is. */
            this.#held.take();
            this.#shown = this.#document.data;
            this.#show(this.#shown, this.#area.selectionStart, this.#area.selectionEnd);
        }
    }

    #composed() {
        this.#composing = false;
        this.#typed();
        this.#catchUp();
    }

    /** @param {TextOperation[]} operations */
    #changed(operations) {
        this.#held.add(operations);
        if (this.#composing) return;
        this.#typed();
        this.#catchUp();
    }

    /** Show what was held back, with the caret at the letters it was at. */
    #catchUp() {
        if (this.#held.isEmpty) return;
        const { selectionStart, selectionEnd } = this.#area;
        const start = this.#pointsAt(selectionStart);
        const end = this.#pointsAt(selectionEnd);
        const operation = this.#held.take();
        const move = (/** @type {number} */ place) =>
            this.#type.movePosition(operation, place, false);
        this.#shown = this.#document.data;
        this.#show(this.#shown, this.#unitsAt(move(start)), this.#unitsAt(move(end)));
    }

    /**
     * @param {string} text
     * @param {number} start
     * @param {number} end
     */
    #show(text, start, end) {
        const { scrollTop, selectionDirection } = this.#area;
        this.#area.value = text;
        this.#area.setSelectionRange(start, end, selectionDirection);
        this.#area.scrollTop = scrollTop;
    }

    /**
     * A place of the textarea in code points of the document.
     *
     * @param {number} units
     */
    #pointsAt(units) {
        const text = this.#shown;
        const at = unitsWithReturns(text, units);
        const inPair = at > 0 && /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));
        return this.#type.pointsOf(text, inPair ? at - 1 : at);
    }

    /**
     * And back.
     *
     * @param {number} points
     */
    #unitsAt(points) {
        return withoutReturns(this.#shown.slice(0, this.#type.unitsOf(this.#shown, points))).length;
    }
}

/** @param {string} text */
function withoutReturns(text) {
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/**
 * Where the place of a textarea's text is in the document's.
 *
 * @param {string} text of the document
 * @param {number} units in the textarea
 */
function unitsWithReturns(text, units) {
    if (!text.includes('\r')) return units;
    let at = 0;
    for (let seen = 0; seen < units && at < text.length; seen++)
        at += text.startsWith('\r\n', at) ? 2 : 1;
    return at;
}

/**
 * The textarea's operation for the document: what it skips and deletes may hold returns.
 *
 * @param {TextOperation} operation
 * @param {string} text of the document
 * @returns {TextOperation}
 */
function withReturns(operation, text) {
    if (!text.includes('\r')) return operation;
    const points = [...text];
    let at = 0;
    const stretch = (/** @type {number} */ count) => {
        const begin = at;
        for (; count > 0; count--) at += points[at] === '\r' && points[at + 1] === '\n' ? 2 : 1;
        return at - begin;
    };
    return operation.map((component) => {
        if (typeof component === 'number') return stretch(component);
        return typeof component === 'string' ? component : { d: stretch(component.d) };
    });
}
