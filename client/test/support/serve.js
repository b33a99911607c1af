/**
 * The page and the reference sequencer on a port, to look at the page without the server:
 *
 *   node test/support/serve.js [PORT]     after `node build.js`
 *
 * Prints "ready" with the address, like the server does.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

import { counter } from '../../src/types/counter.js';
import { text } from '../../src/types/text.js';
import { Chance } from './random.js';
import { Sequencer } from './sequencer.js';

const folder = process.env.TUTTI_PAGE ?? fileURLToPath(new URL('../../dist/', import.meta.url));
/** @type {Record<string, string>} */
const types = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' };

const http = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    try {
        const content = readFileSync(join(folder, name.replace(/[^a-z.]/g, '')));
        response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'text/plain' });
        response.end(content);
    } catch {
        response.writeHead(404).end();
    }
});

const clock = {
    now: () => Date.now(),
    setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
    clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer),
};
const server = new Sequencer({ clock, chance: new Chance(1), types: [counter, text] });
new WebSocketServer({ server: http }).on('connection', (socket) => {
    const link = server.connect({
        send: (message) => socket.send(message),
        close: (code, reason) => socket.close(code, reason),
    });
    socket.on('message', (data) => link.receive(String(data)));
    socket.on('close', () => link.disconnected());
});
http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
    console.log(`http://127.0.0.1:${port}/`);
    console.log('ready');
});
