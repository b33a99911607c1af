import { connect, indexedDbStorage } from './client.js';
import { canvasPanel } from './canvas.js';
import { counterPanel } from './counter.js';
import { Line } from './line.js';
import { hueOf, nameOf } from './people.js';
import { textPanel } from './text.js';

/** @typedef {import('../src/document.js').Document<any>} Document */

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

const PANELS = [counterPanel, textPanel, canvasPanel];

const url = new URL('/', location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
const line = new Line();
const client = connect(url.href, {
    name: 'demo',
    storage: indexedDbStorage('demo'),
    webSocket: line.webSocket,
});

/** @type {Document[]} */
const opened = [];

/** What the worst of the documents is. */
function sync() {
    const states = opened.map((one) => one.sync);
    if (!client.online || states.includes('offline')) return 'offline';
    return states.length < PANELS.length || states.includes('saving') ? 'saving' : 'synced';
}

function lightText() {
    const { state, reason, retryAt } = client.status;
    if (state === 'closed') return `closed: ${reason}`;
    if (line.isCut) return 'offline, edits are kept here';
    if (opened.length < PANELS.length) return client.online ? 'opening' : 'connecting';
    if (client.online) return sync() === 'synced' ? 'all saved' : sync();
    const seconds = Math.ceil(((retryAt ?? 0) - Date.now()) / 1000);
    return seconds > 1 ? `offline, next try in ${seconds} s` : 'offline, trying';
}

function showLight() {
    element('light').dataset.sync = sync();
    const text = lightText();
    if (element('light-text').textContent !== text) element('light-text').textContent = text;
}

function showWho() {
    const { who } = client;
    if (who === null) return;
    element('who').hidden = false;
    element('who-name').textContent = nameOf(who);
    element('who').style.setProperty('--hue', String(hueOf(who)));
}

function flip() {
    if (line.isCut) line.mend();
    else line.cut();
    if (!line.isCut) client.reconnect();
    element('offline').setAttribute('aria-checked', String(line.isCut));
    showLight();
}

client.on('status', () => {
    showLight();
    showWho();
});
element('offline').addEventListener('click', flip);
element('another').href = location.href;
setInterval(showLight, 500);
for (const panel of PANELS)
    panel(client, line).then((doc) => {
        opened.push(doc);
        doc.on('change', showLight);
        doc.on('sync', showLight);
        showLight();
    });
