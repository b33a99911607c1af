import { TextareaBinding } from './client.js';
import { Carets } from './carets.js';
import { counted } from './people.js';
import { undoKeys } from './undo-keys.js';

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

/**
 * The panel of the text.
 *
 * @param {import('../src/client.js').Client} client
 */
export async function textPanel(client) {
    const doc = await client.open('demo/text', { type: 'text', create: true });
    const area = element('text');
    new TextareaBinding(area, doc);
    new Carets(area, element('carets'), doc);
    undoKeys(area, doc);
    area.disabled = false;
    const show = () => {
        const writers = [...doc.presence.others.values()].filter(({ cursor }) => cursor).length;
        const characters = counted(doc.type.pointsOf(doc.data), 'character');
        const others = writers > 0 ? ` · ${counted(writers, 'other caret')}` : '';
        element('text-facts').textContent = characters + others;
    };
    doc.on('change', show);
    doc.presence.on('change', show);
    doc.on('closed', () => (area.readOnly = true));
    show();
    return doc;
}
