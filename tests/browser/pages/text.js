/* A text in a textarea, kept in IndexedDB: `?tab=NAME&document=…`. */
import { connect, indexedDbStorage, TextareaBinding } from './client.js';

const options = new URLSearchParams(location.search);
const client = connect(`ws://${location.host}/?tab=${options.get('tab')}`, {
    storage: indexedDbStorage('text'),
});
/** What the test looks at. */
globalThis.seen = { client, refused: [], errors: [] };
client.on('refused', (refused) => globalThis.seen.refused.push(refused));
client.on('error', (error) => globalThis.seen.errors.push(String(error)));
const doc = await client.open(`tests/${options.get('document')}`, { type: 'text', create: true });
new TextareaBinding(document.querySelector('textarea'), doc);
const show = () => (document.querySelector('#sync').textContent = doc.sync);
doc.on('sync', show);
show();
globalThis.seen.doc = doc;
