/* A counter in React, of hooks alone: `?tab=NAME&document=…`. */
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

import {
    useConnectionStatus,
    useDocument,
    useOthers,
    usePresence,
    useSyncStatus,
    useUndo,
} from '../../../../client/bindings/react.js';
import { connect } from '/client.js';

const options = new URLSearchParams(location.search);
const client = connect(`ws://${location.host}/?tab=${options.get('tab')}`);
/** What the test looks at: `renders` counts. */
globalThis.seen = { client, renders: 0, errors: [] };
addEventListener('error', ({ message }) => globalThis.seen.errors.push(message));

function Counter({ name }) {
    const { document, data, error } = useDocument(client, name, { type: 'counter', create: true });
    const { undo, redo, canUndo, canRedo } = useUndo(document);
    const [own, tell] = usePresence(document);
    const others = [...useOthers(document).values()].map((state) => state.name).sort();
    const { state } = useConnectionStatus(client);
    const sync = useSyncStatus(document);
    globalThis.seen.renders++;
    globalThis.seen.doc = document;
    const button = (text, onClick, disabled = false) => h('button', { onClick, disabled }, text);
    return h(
        'section',
        null,
        h('output', null, data ?? '…'),
        button('more', () => document.submit(1), document === null),
        button('undo', undo, !canUndo),
        button('redo', redo, !canRedo),
        button('here', () => tell({ name: options.get('tab') })),
        h('p', { id: 'own' }, own?.name ?? 'nobody'),
        h('p', { id: 'others' }, others.join(', ')),
        h('p', { id: 'status' }, state),
        h('p', { id: 'sync' }, sync),
        h('p', { id: 'error' }, error === null ? '' : String(error)),
    );
}

function Page() {
    const [shown, show] = useState(true);
    const [at, go] = useState('one');
    return h(
        'div',
        null,
        h('button', { onClick: () => show(!shown) }, 'toggle'),
        h('button', { onClick: () => go('two') }, 'other'),
        shown && h(Counter, { name: `react/${options.get('document')}-${at}` }),
    );
}

createRoot(document.querySelector('main')).render(h(StrictMode, null, h(Page)));
