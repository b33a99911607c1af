import { DocumentView } from './document-view.js';
import { DocumentsView } from './documents-view.js';
import { element } from './elements.js';
import { nameIn } from './names.js';
import { ServerView } from './server-view.js';
import { visible } from './text.js';

const server = new ServerView();
const documents = new DocumentsView();
/** @type {DocumentView | null} */
let shown = null;

/** Show what the address says: all documents, or one of them. */
function show() {
    const name = nameIn(location.hash);
    shown?.close();
    shown = null;
    documents.stop();
    element('all').hidden = name !== null;
    element('one').hidden = name === null;
    document.title = `${name ? visible(name.join('/')) : 'Tutti'} · inspector`;
    if (name === null) return documents.start();
    shown = new DocumentView(name, () => server.last?.store ?? '');
}

window.addEventListener('hashchange', () => {
    show();
    element(nameIn(location.hash) === null ? 'all-title' : 'name').focus();
});
server.start();
show();
