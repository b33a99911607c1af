/** A Yjs server as its documentation sets one up: y-websocket's, in memory. It says on which port
 * it listens. When its standard input ends, it says how many characters a new client of Yjs finds
 * in all documents together, and ends. */
import http from 'node:http';

import { docs, setupWSConnection } from '@y/websocket-server/utils';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

async function charactersOf(url, room) {
    const doc = new Y.Doc();
    const options = { WebSocketPolyfill: WebSocket, disableBc: true };
    const provider = new WebsocketProvider(url, room, doc, options);

    await new Promise((synced) => provider.once('sync', synced));
    provider.destroy();
    return doc.getText('text').toString().length;
}

async function count() {
    let characters = 0;

    for (const room of docs.keys())
        characters += await charactersOf(`ws://127.0.0.1:${server.address().port}`, room);
    return characters;
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket, request) => {
    socket._socket.setNoDelay(true);
    setupWSConnection(socket, request);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin
    .on('end', async () => {
        console.log(await count());
        process.exit();
    })
    .resume();
