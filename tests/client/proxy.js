/**
 * Stands before a server and does what networks do to connections: holds bytes back, cuts in the
 * middle of a frame, and lets a connection that its client has lost go on at the server for a
 * while. Everything happens by counts of steps and bytes, never by a clock.
 */
import { once } from 'node:events';
import net from 'node:net';

/** One connection: `near` is the client's end, `far` the server's. */
class Connection {
    /** @type {{ way: 'up' | 'down', until: number, chunks: Buffer[] }[]} */
    #held = [];
    /** Bytes that pass before it is cut. */
    #budget = Infinity;
    alive = true;

    constructor(near, far, ended) {
        this.near = near;
        this.far = far;
        this.ended = ended;
        near.on('data', (chunk) => this.#pass('up', chunk));
        far.on('data', (chunk) => this.#pass('down', chunk));
        near.on('error', () => {}).on('close', () => this.#lost());
        far.on('error', () => {}).on('close', () => this.cut());
    }

    /** The client's end is gone; the server's may linger until what is held has come through. */
    #lost() {
        if (this.#held.some(({ way }) => way === 'up')) return;
        this.cut();
    }

    cut() {
        this.alive = false;
        this.near.destroy();
        this.far.destroy();
        this.ended();
    }

    /** In the middle of whatever is on its way then. */
    cutAfter(bytes) {
        this.#budget = bytes;
    }

    hold(way, until) {
        const again = this.#held.some((hold) => hold.way === way);
        if (!again) this.#held.push({ way, until, chunks: [] });
    }

    /** Let go of what was held until this step. */
    release(step) {
        const due = this.#held.filter(({ until }) => until <= step);
        this.#held = this.#held.filter(({ until }) => until > step);
        for (const { way, chunks } of due) chunks.forEach((chunk) => this.#pass(way, chunk));
        if (due.length > 0 && this.near.destroyed) this.#lost();
    }

    calm() {
        this.#budget = Infinity;
        this.release(Infinity);
    }

    #pass(way, chunk) {
        const hold = this.#held.find((one) => one.way === way);
        if (hold !== undefined) return void hold.chunks.push(chunk);
        const to = way === 'up' ? this.far : this.near;
        if (!to.destroyed) to.write(chunk.subarray(0, this.#budget));
        this.#budget -= chunk.length;
        if (this.#budget <= 0) this.cut();
    }
}

export class Proxy {
    #listener = net.createServer((near) => this.#accept(near));
    /** @type {Set<Connection>} */
    #connections = new Set();
    #step = 0;

    /** @param {{ port: number }} server */
    constructor(server) {
        this.server = server;
    }

    /** @returns {Promise<string>} where clients connect */
    async start() {
        this.#listener.listen(0, '127.0.0.1');
        await once(this.#listener, 'listening');
        return `ws://127.0.0.1:${this.#listener.address().port}/`;
    }

    #accept(near) {
        const far = net.connect(this.server.port, '127.0.0.1');
        const one = new Connection(near, far, () => this.#connections.delete(one));
        this.#connections.add(one);
    }

    /** Time goes on by one, and something may happen to some connection. */
    step(chance) {
        this.#step++;
        for (const one of this.#connections) one.release(this.#step);
        if (this.#connections.size === 0 || !chance.happens(0.2)) return;
        const one = chance.pick([...this.#connections]);
        const until = this.#step + 1 + chance.below(8);
        chance.pick([
            () => one.cut(),
            () => one.cutAfter(1 + chance.below(300)),
            () => one.hold('up', until),
            () => one.hold('down', until),
            () => {
                one.hold('up', until);
                one.near.destroy();
            },
        ])();
    }

    /** Nothing more happens to what is connected now. */
    calm() {
        for (const one of this.#connections) one.calm();
    }

    close() {
        this.#listener.close();
        for (const one of this.#connections) one.cut();
    }
}
