import { Annotation, EditorState, Prec, Transaction } from '@codemirror/state';
import { Decoration, EditorView, keymap, ViewPlugin, WidgetType } from '@codemirror/view';

import { Held } from './held.js';
import { cursorOf, forgetCursor, personOf, tellCursor } from './person.js';

/** @typedef {import('../src/document.js').Document<'text'>} Document */
/** @typedef {import('../src/types/text.js').TextOperation} TextOperation */
/** @typedef {import('@codemirror/state').Extension} Extension */
/** @typedef {import('@codemirror/view').ViewUpdate} ViewUpdate */

/** Marks what came from the document, so that it does not go back to it. */
const fromDocument = Annotation.define();

/**
 * A `text` document in a CodeMirror 6 editor, with the cursors of the others:
 *
 *   new EditorView({ doc: notes.data, extensions: [minimalSetup, codeMirrorBinding(notes)] })
 *
 * Undo is the document's, of one's own edits only; leave CodeMirror's `history()` out. Lines end
 * with `\n` alone: a `\r` of the document is a letter, so that both texts are the same.
 *
 * @param {Document} document
 * @returns {Extension}
 */
export function codeMirrorBinding(document) {
    const plugin = ViewPlugin.define((view) => new Binding(view, document), {
        decorations: ({ decorations }) => decorations,
    });
    const take = (/** @type {'undo' | 'redo'} */ way) => (/** @type {EditorView} */ view) => {
        view.plugin(plugin)?.take(way);
        return true;
    };
    const keys = keymap.of([
        { key: 'Mod-z', run: take('undo'), preventDefault: true },
        { key: 'Mod-Shift-z', run: take('redo'), preventDefault: true },
        { key: 'Mod-y', mac: 'Mod-Shift-z', run: take('redo'), preventDefault: true },
    ]);
    const menu = EditorView.domEventHandlers({
        beforeinput: ({ inputType }, view) => {
            if (inputType !== 'historyUndo' && inputType !== 'historyRedo') return false;
            return take(inputType === 'historyUndo' ? 'undo' : 'redo')(view);
        },
    });
    const pasted = EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n'));
    const separator = EditorState.lineSeparator.of('\n');
    return [separator, pasted, plugin, Prec.high(keys), Prec.high(menu), theme];
}

/**
 * `#shown` is the editor's text. An update of the editor that the document did not make becomes an
 * operation while it runs; what that does to the document in turn is shown when it has ended.
 */
class Binding {
    decorations = Decoration.none;
    #view;
    #document;
    #shown;
    #held;
    /** The editor is in an update and takes no other one. */
    #busy = false;
    /** What the others tell of themselves is not what `decorations` show. */
    #stale = true;
    #scheduled = false;
    #gone = false;
    /** The caret goes to what was taken back. */
    #following = false;
    #release;

    /**
     * @param {EditorView} view
     * @param {Document} document
     */
    constructor(view, document) {
        this.#view = view;
        this.#document = document;
        this.#held = new Held(document.type);
        this.#shown = view.state.doc.toString();
        const listening = [
            document.on('change', ({ operations, source }) => {
                if (source !== this) this.#changed(operations);
            }),
            document.presence.on('change', () => {
                this.#stale = true;
                this.#soon();
            }),
        ];
        this.#release = () => listening.splice(0).forEach((forget) => forget());
        this.#soon();
    }

    destroy() {
        this.#release();
        this.#gone = true;
        forgetCursor(this.#document.presence);
    }

    /** @param {'undo' | 'redo'} way */
    take(way) {
        this.#following = true;
        try {
            this.#document.undo[way]();
        } finally {
            this.#following = false;
        }
    }

    /** @param {ViewUpdate} update */
    update(update) {
        const foreign = update.transactions.some((one) => one.annotation(fromDocument) === this);
        if (update.docChanged) {
            this.decorations = this.decorations.map(update.changes);
            if (!foreign) this.#typed(update);
        }
        if (this.#stale && foreign) this.#decorate();
        const moved = update.selectionSet || update.focusChanged || update.docChanged;
        if (moved && !foreign && update.view.hasFocus) this.#tell(update.state);
    }

    /** @param {ViewUpdate} update */
    #typed({ changes, state }) {
        this.#busy = true;
        try {
            const operation = operationOf(this.#document, this.#shown, changes, state);
            this.#shown = this.#document.type.apply(this.#shown, operation);
            this.#document.submit(this.#held.typed(operation), { source: this });
        } catch {
            /* Too large, or the document is gone: the editor shows what there is. */
            this.#held.take();
            this.#shown = this.#document.data;
        }
        this.#busy = false;
        if (this.#shown.length !== state.doc.length || !isWhole(changes, state)) this.#soon();
    }

    /** @param {TextOperation[]} operations */
    #changed(operations) {
        this.#held.add(operations);
        if (this.#busy) this.#soon();
        else this.#catchUp();
    }

    /** When the editor takes updates again. */
    #soon() {
        if (this.#scheduled) return;
        this.#scheduled = true;
        queueMicrotask(() => {
            if (this.#gone) return;
            this.#scheduled = false;
            if (!this.#held.isEmpty) this.#catchUp();
            if (this.#view.state.doc.toString() !== this.#document.data) this.#showAll();
            if (this.#stale) this.#dispatch({});
        });
    }

    #catchUp() {
        const operation = this.#held.take();
        const changes = changesOf(this.#document, this.#shown, operation);
        this.#shown = this.#document.type.apply(this.#shown, operation);
        const last = changes.at(-1);
        if (last === undefined) return;
        if (!this.#following) return this.#dispatch({ changes });
        const end = last.to + (this.#shown.length - this.#view.state.doc.length);
        this.#dispatch({ changes, selection: { anchor: end }, scrollIntoView: true });
    }

    /** Whatever the editor has, it is the document's text now. */
    #showAll() {
        this.#held.take();
        this.#shown = this.#document.data;
        const { doc } = this.#view.state;
        const insert = this.#view.state.toText(this.#shown);
        this.#dispatch({ changes: { from: 0, to: doc.length, insert } });
    }

    /** @param {import('@codemirror/state').TransactionSpec} spec */
    #dispatch(spec) {
        const annotations = [
            fromDocument.of(this),
            Transaction.remote.of(true),
            Transaction.addToHistory.of(false),
        ];
        this.#view.dispatch({ ...spec, annotations });
    }

    /** @param {EditorState} state */
    #tell({ selection }) {
        if (!this.#held.isEmpty) return;
        const { anchor, head } = selection.main;
        /* A program may select half a character. */
        const points = (/** @type {number} */ at) =>
            this.#document.type.pointsOf(this.#shown, cutsPair(this.#shown, at) ? at - 1 : at);
        tellCursor(this.#document.presence, points(anchor), points(head));
    }

    #decorate() {
        this.#stale = false;
        const ranges = [];
        for (const [who, state] of this.#document.presence.others) {
            const cursor = cursorOf(state, this.#shown.length);
            if (cursor === null) continue;
            const units = (/** @type {number} */ at) =>
                this.#document.type.unitsOf(this.#shown, at);
            const [anchor, head] = [units(cursor.anchor), units(cursor.head)];
            const { name, colour } = personOf(who, state);
            const style = `background-color: ${colour}33`;
            if (anchor !== head)
                ranges.push(
                    Decoration.mark({ class: 'tutti-selection', attributes: { style } }).range(
                        Math.min(anchor, head),
                        Math.max(anchor, head),
                    ),
                );
            ranges.push(
                Decoration.widget({ widget: new Caret(name, colour), side: 1 }).range(head),
            );
        }
        this.decorations = Decoration.set(ranges, true);
    }
}

/** Where somebody else is. */
class Caret extends WidgetType {
    /**
     * @param {string} name
     * @param {string} colour
     */
    constructor(name, colour) {
        super();
        this.name = name;
        this.colour = colour;
    }

    /** @param {Caret} other */
    eq(other) {
        return other.name === this.name && other.colour === this.colour;
    }

    toDOM() {
        const caret = document.createElement('span');
        caret.className = 'tutti-caret';
        caret.style.setProperty('--colour', this.colour);
        caret.ariaHidden = 'true';
        const label = document.createElement('span');
        label.className = 'tutti-name';
        label.dataset.name = this.name;
        caret.append('\u2060', label, '\u2060');
        return caret;
    }

    ignoreEvent() {
        return true;
    }
}

/* The name is generated content: it is no part of the text that is selected, copied or read. */
const theme = EditorView.baseTheme({
    '.tutti-caret': {
        position: 'relative',
        borderInlineStart: '2px solid var(--colour)',
        marginInline: '-1px',
        pointerEvents: 'none',
    },
    '.tutti-name:not([data-name=""])::after': {
        content: 'attr(data-name)',
        position: 'absolute',
        insetInlineStart: '-2px',
        bottom: '100%',
        padding: '0 4px',
        font: '11px/1.4 system-ui, sans-serif',
        whiteSpace: 'nowrap',
        color: '#fff',
        backgroundColor: 'var(--colour)',
        borderRadius: '3px 3px 3px 0',
        zIndex: '5',
    },
});

/**
 * Does the text begin in the middle of a character at this place?
 *
 * @param {string} text
 * @param {number} at
 */
function cutsPair(text, at) {
    return at > 0 && /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));
}

/**
 * Is all that was inserted Unicode?
 *
 * @param {import('@codemirror/state').ChangeSet} changes
 * @param {EditorState} state after them
 */
function isWhole(changes, state) {
    let whole = true;
    changes.iterChanges((_fromA, _toA, from, to) => {
        const around = state.sliceDoc(Math.max(0, from - 1), to + 1);
        whole &&= !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
            trimmed(around),
        );
    });
    return whole;
}

/**
 * Without half a character at either end, whose other half is beyond.
 *
 * @param {string} text
 */
function trimmed(text) {
    return text.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff]$/, '');
}

/**
 * @param {Document} document
 * @param {string} before
 * @param {import('@codemirror/state').ChangeSet} changes
 * @param {EditorState} state after them
 * @returns {TextOperation}
 */
function operationOf({ type }, before, changes, state) {
    /** @type {(number | string | { d: number })[]} */
    const parts = [];
    let cut = false;
    changes.iterChanges((from, to) => (cut ||= cutsPair(before, from) || cutsPair(before, to)));
    if (cut) return type.normalize(type.textDifference(before, state.doc.toString()));
    let at = 0;
    changes.iterChanges((from, to, _fromB, _toB, inserted) => {
        parts.push(type.pointsOf(before.slice(at, from)), inserted.toString());
        parts.push({ d: type.pointsOf(before.slice(from, to)) });
        at = to;
    });
    const isSome = (/** @type {typeof parts[number]} */ part) =>
        typeof part === 'object' ? part.d > 0 : part !== 0 && part !== '';
    return type.normalize(parts.filter(isSome));
}

/**
 * @param {Document} document
 * @param {string} before
 * @param {TextOperation} operation
 * @returns {{ from: number, to: number, insert: string }[]}
 */
function changesOf({ type }, before, operation) {
    /** @type {{ from: number, to: number, insert: string }[]} */
    const changes = [];
    let at = 0;
    const stretch = (/** @type {number} */ points) => {
        const units = before.slice(at, at + 2 * points);
        return type.unitsOf(units, points);
    };
    for (const component of operation)
        if (typeof component === 'number') at += stretch(component);
        else if (typeof component === 'string')
            changes.push({ from: at, to: at, insert: component });
        else {
            const from = at;
            at += stretch(component.d);
            changes.push({ from, to: at, insert: '' });
        }
    return changes;
}
