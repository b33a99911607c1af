import { connect, memoryStorage } from '../../src/index.js';
import { counter } from '../../src/types/counter.js';
import { text } from '../../src/types/text.js';
import { tree } from '../../src/types/tree.js';
import { VirtualClock } from './clock.js';

/** @typedef {import('../../src/document.js').Document} Document */

/** A server that does what the test says, and tells what it was sent. */
export class Script {
    clock = new VirtualClock();
    /** @type {any[]} what the client sent, of all connections */
    sent = [];
    /** @type {any[]} the sockets, the last one is in use */
    sockets = [];
    storage = memoryStorage();

    constructor(options = {}) {
        const script = this;
        class Socket {
            onopen = () => {};
            onmessage = (/** @type {any} */ _event) => {};
            onclose = (/** @type {any} */ _event) => {};
            closed = false;

            constructor() {
                script.sockets.push(this);
                script.clock.setTimeout(() => this.onopen(), 0);
            }

            send(/** @type {string} */ text) {
                script.sent.push(JSON.parse(text));
            }

            close() {
                this.closed = true;
            }
        }
        this.client = connect('ws://server', {
            webSocket: /** @type {any} */ (Socket),
            clock: this.clock,
            random: () => 0.5,
            storage: this.storage,
            types: { counter, text, tree },
            ...options,
        });
    }

    get socket() {
        return this.sockets[this.sockets.length - 1];
    }

    /** What was sent since the last call, without heartbeats. */
    async heard() {
        await this.clock.advance(1);
        return this.sent.splice(0).filter((message) => message.length > 0);
    }

    /** @param {any[]} messages */
    async say(...messages) {
        for (const message of messages) this.socket.onmessage({ data: JSON.stringify(message) });
        await this.clock.advance(0);
    }

    async welcome(who = 'mmmmmmmm') {
        await this.clock.advance(1);
        await this.say(['welcome', { who, user: '', limits: {}, heartbeat_ms: 1000 }]);
    }

    async lose(code = 1006) {
        this.socket.onclose({ code, reason: '' });
        await this.clock.advance(0);
    }

    /** @returns {Promise<Document>} `notes/a` at seq 1, on channel 5 */
    async opened(/** @type {any} */ data = 'ab', type = 'text') {
        const opening = this.client.open('notes/a', { type, create: true });
        await this.welcome();
        await this.say(['opened', 5, 'notes/a', 1, { type, snapshot: data, ...AT_FIRST }]);
        await this.heard();
        return opening;
    }
}

export const AT_FIRST = { serial: 0, epoch: 7, check_every: 1024 };
