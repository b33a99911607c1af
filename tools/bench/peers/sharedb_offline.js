/** What `tutti bench offline` does, with ShareDB's own client: one client is away and edits,
 * another one edits the same text meanwhile; then the first one comes back.
 *
 *     sharedb_offline.js URL EDITS OTHERS
 *
 * Prints one JSON object: milliseconds from the connection until all is acknowledged and read. */
import { createRequire } from 'node:module';

import ShareDB from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
ShareDB.types.register(require('ot-text-unicode').type);

const TEXT_SIZE = 100000;
const [url, edits, others] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

const opened = (socket) => new Promise((resolve) => socket.once('open', resolve));
const call = (run) => new Promise((resolve, reject) => run((e) => (e ? reject(e) : resolve())));

/** One character is inserted or deleted at a random place. */
function edit(doc, done) {
    const at = Math.floor(Math.random() * doc.data.length);
    const deletes = doc.data.length > TEXT_SIZE / 2 && Math.random() < 0.4;
    const part = deletes ? { d: 1 } : 'x';
    doc.submitOp(at > 0 ? [at, part] : [part], done);
}

const until = (condition) =>
    new Promise((resolve) => {
        const look = () => (condition() ? resolve() : setTimeout(look, 1));
        look();
    });

const sockets = [new WebSocket(url), new WebSocket(url)];
await Promise.all(sockets.map(opened));
const links = sockets.map((socket) => new ShareDB.Connection(socket));
const name = `offline-${process.pid}`;
const [online, away] = links.map((link) => link.get('bench', name));

await call((done) => online.create('.'.repeat(TEXT_SIZE), 'text-unicode', done));
await call((done) => away.subscribe(done));
await call((done) => online.subscribe(done));
sockets[1].close();
await until(() => !links[1].canSend);

let begin = performance.now();
for (let i = 0; i < edits; i++) edit(away);
const typing = performance.now() - begin;
for (let i = 0; i < others; i++) await call((done) => edit(online, done));

begin = performance.now();
const socket = new WebSocket(url);
links[1].bindToSocket(socket);
await until(() => !away.hasPending() && !online.hasPending() && away.version === online.version);
const together = performance.now() - begin;

if (away.data !== online.data) throw new Error('the two texts differ');
console.log(JSON.stringify({ typing_ms: typing, together_ms: together }));
process.exit();
