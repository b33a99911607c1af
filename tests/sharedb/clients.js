/** ShareDB clients as an application has them, and a network that is slow and cuts. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import net from 'node:net';

import richText from 'rich-text';
import ShareDB from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';

/* The one copy of CommonJS: sharedb would not know the type of another. */
const textUnicode = createRequire(import.meta.url)('ot-text-unicode');

/** The package for a generation of clients, with all types that are tested. */
export function generation(sharedb) {
    sharedb.types.register(richText.type);
    sharedb.types.register(textUnicode.type);
    return sharedb;
}
generation(ShareDB);

export const TYPES = {
    json0: 'http://sharejs.org/types/JSONv0',
    text: textUnicode.type.uri,
    rich: richText.type.uri,
};

/** A call with a callback, as a promise. */
export const call = (object, method, ...values) =>
    new Promise((resolve, reject) => {
        object[method](...values, (error, value) => (error ? reject(error) : resolve(value)));
    });

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const urlOf = (server) => `${server.url.replace('http', 'ws')}sharedb`;

/** A connection that comes back by itself, as with any reconnecting socket: to `url`, or to what
 * that returns each time. */
export class Person {
    #url;
    #timer = null;
    #closed = false;

    constructor(url, { sharedb = ShareDB, again = () => 5 } = {}) {
        this.#url = typeof url === 'function' ? url : () => url;
        this.again = again;
        this.connection = new sharedb.Connection(this.#socket());
        this.connection.on('error', (error) => this.errors.push(error));
        this.connection.on('receive', ({ data }) => this.heard.push(data));
    }

    errors = [];
    heard = [];

    #socket() {
        const socket = new WebSocket(this.#url());
        socket.on('error', () => {});
        socket.on('close', () => {
            if (!this.#closed)
                this.#timer = setTimeout(
                    () => this.connection.bindToSocket(this.#socket()),
                    this.again(),
                );
        });
        return socket;
    }

    get(collection, id) {
        const doc = this.connection.get(collection, id);
        if (doc.listenerCount('error') === 0) doc.on('error', (error) => this.errors.push(error));
        return doc;
    }

    /** The connection breaks, and comes back. */
    cut() {
        this.connection.socket.terminate();
    }

    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        this.connection.close();
    }
}

/** A socket without any client: says objects or text, collects what is heard. */
export class Raw {
    heard = [];
    code = null;

    constructor(url) {
        this.socket = new WebSocket(url);
        this.socket.on('message', (text) => {
            this.heard.push(JSON.parse(text));
            this.waiting?.();
        });
        this.closed = once(this.socket, 'close').then(([code]) => (this.code = code));
        this.opened = once(this.socket, 'open');
    }

    async say(message) {
        await this.opened;
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    /** The first message, heard already or to come, that fits. */
    async hear(fits) {
        for (;;) {
            const found = this.heard.find(fits);
            if (found) return found;
            await new Promise((resolve) => (this.waiting = resolve));
        }
    }

    close() {
        this.socket.close();
    }
}

/** Stands before the server: delays what goes by, and cuts. */
export class Network {
    #sockets = new Set();
    #listener = net.createServer({ noDelay: true }, (near) => this.#accept(near));

    constructor(server, delay) {
        this.server = server;
        this.delay = delay;
    }

    async start() {
        this.#listener.listen(0, '127.0.0.1');
        await once(this.#listener, 'listening');
        return `ws://127.0.0.1:${this.#listener.address().port}/`;
    }

    #accept(near) {
        const far = net.connect({ port: this.server.port, host: '127.0.0.1', noDelay: true });
        const end = () => {
            near.destroy();
            far.destroy();
            this.#sockets.delete(near);
        };
        for (const [from, to] of [[near, far], [far, near]]) {
            /* One timer at a time: two may fire in either order. */
            let last = Promise.resolve();
            from.on('error', end).on('close', end);
            from.on('data', (bytes) => {
                last = last.then(() => pause(this.delay()));
                last.then(() => to.writable && to.write(bytes));
            });
        }
        this.#sockets.add(near);
    }

    cutOne(chance) {
        if (this.#sockets.size > 0) chance.pick([...this.#sockets]).destroy();
    }

    close() {
        this.#listener.close();
        for (const socket of this.#sockets) socket.destroy();
    }
}
