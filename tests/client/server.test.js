/**
 * The JavaScript client against tuttid, through a proxy that cuts. How much happens is counted,
 * not timed: every step waits for something.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { connect } from '../../client/src/index.js';
import { Chance } from '../../client/test/support/random.js';
import { Server } from '../browser/server.js';

const RANGE = process.env.SEEDS ?? (process.env.SOAK ? '1-200' : '1-3');
const [FIRST_SEED, LAST_SEED = FIRST_SEED] = RANGE.split('-').map(Number);
const STEPS = 150;
const LETTERS = ['a', 'b', '\n', 'é', '漢', '😀', 'word '];

/** Stands before the server and cuts connections, in the middle of a frame too. */
class Proxy {
    /** @type {Set<net.Socket>} */
    #sockets = new Set();
    #listener = net.createServer((near) => this.#accept(near));

    /** @param {Server} server */
    constructor(server) {
        this.server = server;
    }

    async start() {
        this.#listener.listen(0, '127.0.0.1');
        await once(this.#listener, 'listening');
        const { port } = /** @type {net.AddressInfo} */ (this.#listener.address());
        return `ws://127.0.0.1:${port}/`;
    }

    /** @param {net.Socket} near */
    #accept(near) {
        const far = net.connect(this.server.port, '127.0.0.1');
        const end = () => {
            near.destroy();
            far.destroy();
            this.#sockets.delete(near);
        };
        for (const socket of [near, far]) socket.on('error', end).on('close', end);
        near.pipe(far).pipe(near);
        this.#sockets.add(near);
    }

    /** @param {Chance} chance */
    cutOne(chance) {
        if (this.#sockets.size > 0) chance.pick([...this.#sockets]).destroy();
    }

    close() {
        this.#listener.close();
        for (const socket of this.#sockets) socket.destroy();
    }
}

class Person {
    added = 0;
    diverged = 0;
    /** @type {Promise<any>[]} */
    acknowledged = [];

    /**
     * @param {string} url
     * @param {Chance} chance
     */
    constructor(url, chance) {
        this.chance = chance;
        /* Close tries: how often it comes back is what counts here, not how politely. */
        this.client = connect(url, { name: 'tests', random: () => chance.random() / 8 });
    }

    async arrive() {
        this.text = await this.client.open('test/text', { type: 'text', create: true });
        this.count = await this.client.open('test/count', { type: 'counter', create: true });
        for (const document of [this.text, this.count])
            document.on('diverged', () => this.diverged++);
    }

    act() {
        const { chance } = this;
        const amount = chance.below(9) - 4;
        this.added += amount;
        this.acknowledged.push(this.count.submit(amount));
        const edit = this.text.change((text) => {
            const at = chance.pick([0, text.length >> 1, chance.below(text.length + 1)]);
            if (chance.happens(0.65)) text.insert(at, chance.pick(LETTERS));
            else text.remove(at, Math.min(chance.below(4), text.length - at));
        });
        this.acknowledged.push(edit);
    }
}

/** @param {number} seed */
async function live(seed) {
    const chance = new Chance(seed);
    const server = new Server();
    await server.start();
    const proxy = new Proxy(server);
    const url = await proxy.start();
    const people = [1, 2, 3].map(() => new Person(url, chance));
    try {
        for (const person of people) await person.arrive();
        for (let step = 0; step < STEPS; step++) {
            for (let burst = chance.below(4); burst >= 0; burst--) chance.pick(people).act();
            if (chance.happens(0.06)) proxy.cutOne(chance);
            if (step === STEPS / 2) {
                await server.end('SIGKILL');
                await server.start();
            }
            if (chance.happens(0.5)) await Promise.all(chance.pick(people).acknowledged.slice(-1));
        }
        await allEqual(people, server);
    } finally {
        people.forEach(({ client }) => client.close());
        proxy.close();
        await server.close();
    }
}

/**
 * @param {Person[]} people
 * @param {Server} server
 */
async function allEqual(people, server) {
    for (const { acknowledged } of people) await Promise.all(acknowledged);
    const judge = new Person(server.url.replace('http', 'ws'), new Chance(1));
    await judge.arrive();
    const sum = people.reduce((total, { added }) => total + added, 0);
    assert.equal(judge.count.data, sum, 'an edit was lost or came twice');
    for (const { text, count, diverged } of people) {
        assert.equal(diverged, 0, 'it diverged');
        await reaches(text, judge.text);
        await reaches(count, judge.count);
    }
    judge.client.close();
}

/** Waits until `document` has read as far as `other`, and compares them. */
async function reaches(document, other) {
    while (document.seq < other.seq || document.sync !== 'synced')
        await new Promise((resolve) => {
            const stop = ['change', 'sync'].map((event) =>
                document.on(event, () => resolve(stop.forEach((forget) => forget()))),
            );
        });
    assert.equal(document.data, other.data);
}

test('Three people stay equal through cuts and a killed server', async () => {
    for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++)
        try {
            await live(seed);
        } catch (error) {
            throw new Error(`SEEDS=${seed}`, { cause: error });
        }
});
