/** A ShareDB server as its documentation sets one up: in memory, which is the fastest it can be. It
 * says on which port it listens, and ends with its standard input.
 *
 *     sharedb.js [PORT POSTGRES_URL REDIS_URL]
 *
 * is one of several on a database, which hear of each other over Redis. */
import http from 'node:http';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';

import ShareDB from 'sharedb';
import PostgresDB from 'sharedb-postgres';
import RedisPubSub from 'sharedb-redis-pubsub';
import { WebSocketServer } from 'ws';

/* The one copy of CommonJS: sharedb would not know the type of another. */
const textUnicode = createRequire(import.meta.url)('ot-text-unicode');

/** A socket as the stream of objects that ShareDB listens to. */
function streamOf(socket) {
    const stream = new Duplex({
        objectMode: true,
        read() {},
        write(message, _, done) {
            if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
            done();
        },
        final(done) {
            socket.close();
            done();
        },
    });
    socket.on('message', (text) => stream.push(JSON.parse(text)));
    socket.on('close', () => {
        stream.push(null);
        stream.end();
        stream.destroy();
    });
    return stream;
}

ShareDB.types.register(textUnicode.type);
const [port, postgres, redis] = process.argv.slice(2);
const backend = new ShareDB(
    port && {
        db: new PostgresDB({ connectionString: postgres }),
        pubsub: new RedisPubSub({ url: redis }),
    },
);
const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) => {
    socket._socket.setNoDelay(true);
    backend.listen(streamOf(socket));
});
server.listen(Number(port ?? 0), '127.0.0.1', () => console.log(server.address().port));
if (!port) process.stdin.on('end', () => process.exit()).resume();
