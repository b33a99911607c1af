/* One editor of those that have a binding: `?editor=NAME&tab=NAME&document=…`. */
import { EditorView } from '@codemirror/view';
import Quill from 'quill';

import { codeMirrorBinding } from '../../../../client/bindings/codemirror.js';
import { QuillBinding } from '../../../../client/bindings/quill.js';
import { connect, TextareaBinding } from '/client.js';

const options = new URLSearchParams(location.search);
const place = document.querySelector('#editor');

/* What the tests do with any of the editors. Places are UTF-16 units. */
const EDITORS = {
    textarea(doc) {
        const area = place.appendChild(document.createElement('textarea'));
        new TextareaBinding(area, doc);
        return {
            text: () => area.value,
            focus: () => area.focus(),
            select: (from, to) => area.setSelectionRange(from, to),
            selected: () => area.value.slice(area.selectionStart, area.selectionEnd),
            shows: () => doc.data,
        };
    },
    codemirror(doc) {
        /* An extension that throws is put out of action, with a word on the console alone. */
        const told = EditorView.exceptionSink.of((error) => {
            globalThis.seen.errors.push(String(error));
        });
        const extensions = [EditorView.lineWrapping, codeMirrorBinding(doc), told];
        const view = new EditorView({ parent: place, doc: doc.data, extensions });
        return {
            text: () => view.state.doc.toString(),
            focus: () => view.focus(),
            select(...places) {
                const [anchor, head] = places.map((at) => Math.min(at, view.state.doc.length));
                view.dispatch({ selection: { anchor, head } });
            },
            selected() {
                const { from, to } = view.state.selection.main;
                return view.state.sliceDoc(from, to);
            },
            shows: () => doc.data,
            /* Half of a surrogate pair, as only a program inserts it. */
            insert: (at, insert) => view.dispatch({ changes: { from: at, insert } }),
            left: (at) => view.coordsAtPos(at, 1)?.left,
        };
    },
    quill(doc) {
        const quill = new Quill(place.appendChild(document.createElement('div')), {
            theme: 'snow',
            modules: { toolbar: false },
        });
        new QuillBinding(quill, doc);
        const textOf = (ops) => ops.map(({ insert }) => insert).join('');
        const sorted = (ops) =>
            ops.map(({ insert, attributes = {} }) => [insert, Object.entries(attributes).sort()]);
        return {
            text: () => quill.getText().slice(0, -1),
            focus: () => quill.focus(),
            select: (from, to) => quill.setSelection(from, to - from, 'user'),
            selected: () => quill.getText(quill.getSelection() ?? { index: 0, length: 0 }),
            shows: () => textOf(doc.data.ops).replace(/\n$/, ''),
            format: (...format) => quill.formatText(...format, 'user'),
            formats: () => JSON.stringify(sorted(quill.getContents().ops)),
            formatsShown() {
                const ops = doc.data.ops.map((op) => ({ ...op }));
                const last = ops.at(-1) ?? { insert: '' };
                if (!last.insert.endsWith('\n')) {
                    if (last.attributes === undefined) last.insert += '\n';
                    else ops.push({ insert: '\n' });
                }
                return JSON.stringify(sorted(ops.length > 0 ? ops : [last]));
            },
            left: (at) => quill.getBounds(at).left + quill.container.getBoundingClientRect().left,
        };
    },
};

const client = connect(`ws://${location.host}/?tab=${options.get('tab')}`);
const name = options.get('editor');
const type = name === 'quill' ? 'rich' : 'text';
/** What the test looks at. */
globalThis.seen = { client, errors: [] };
addEventListener('error', ({ message }) => globalThis.seen.errors.push(message));
addEventListener('unhandledrejection', ({ reason }) => globalThis.seen.errors.push(String(reason)));
const doc = await client.open(`editors/${options.get('document')}`, { type, create: true });
doc.on('diverged', () => globalThis.seen.errors.push('diverged'));
doc.on('refused', ({ error }) => globalThis.seen.errors.push(String(error)));
globalThis.seen.editor = EDITORS[name](doc);
globalThis.seen.doc = doc;
