import { connect, TextareaBinding } from './client.js';

/** @typedef {import('../src/document.js').Document} Document */

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

const url = new URL('/', location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
const client = connect(url.href, { name: 'demo' });

/** @type {Document[]} */
const opened = [];

/** What the worst of the documents is. */
function sync() {
    const states = opened.map((one) => one.sync);
    if (!client.online || states.includes('offline')) return 'offline';
    return states.length < 2 || states.includes('saving') ? 'saving' : 'synced';
}

function lightText() {
    const { state, reason, retryAt } = client.status;
    if (state === 'closed') return `closed: ${reason}`;
    if (opened.length < 2) return client.online ? 'opening' : 'connecting';
    if (retryAt === undefined) return client.online ? sync() : 'offline, trying';
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
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
    element('who-name').textContent = who;
    const hue = [...who].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 360;
    element('who').style.setProperty('--hue', String(hue));
}

/**
 * @param {number} count
 * @param {string} noun
 */
const counted = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Call `show` now and whenever the document, or what is known of it, changes.
 *
 * @param {Document} doc
 * @param {() => void} show
 */
function follow(doc, show) {
    opened.push(doc);
    const all = () => {
        show();
        showLight();
    };
    doc.on('change', all);
    doc.on('sync', all);
    all();
}

async function openText() {
    const doc = await client.open('demo/text', { type: 'text', create: true });
    const area = element('text');
    new TextareaBinding(area, doc);
    area.disabled = false;
    follow(doc, () => {
        const characters = counted(doc.type.pointsOf(doc.data), 'character');
        element('text-facts').textContent = `${characters} · edit ${doc.seq.toLocaleString('en')}`;
    });
    doc.on('closed', () => (area.readOnly = true));
}

async function openCounter() {
    const doc = await client.open('demo/counter', { type: 'counter', create: true });
    const buttons = { less: -1, more: 1 };
    for (const [id, amount] of Object.entries(buttons)) {
        element(id).disabled = false;
        element(id).addEventListener('click', () => doc.submit(amount));
    }
    follow(doc, () => {
        element('count').value = String(doc.data).replace('-', '−');
        element('counter-facts').textContent = `edit ${doc.seq.toLocaleString('en')}`;
    });
}

client.on('status', () => {
    showLight();
    showWho();
});
setInterval(showLight, 500);
element('another').href = location.href;
openText();
openCounter();
