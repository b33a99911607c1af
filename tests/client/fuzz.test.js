/**
 * The JavaScript client against tuttid: tabs of two people edit a document of each type through a
 * proxy that does what networks do; the server is killed, and so are tabs. How much happens is
 * counted, not timed: every step waits for something.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { canonical } from '../../client/src/canonical.js';
import { connect } from '../../client/src/index.js';
import { fileStorage } from '../../client/src/storage/file.js';
import { act, TYPES } from '../../client/test/support/acts.js';
import { Chance } from '../../client/test/support/random.js';
import { Server } from '../browser/server.js';
import { Proxy } from './proxy.js';

const RANGE = process.env.SEEDS ?? (process.env.SOAK ? '1-200' : '1-3');
const [FIRST_SEED, LAST_SEED = FIRST_SEED] = RANGE.split('-').map(Number);
const STEPS = 120;
const NAMES = Object.keys(TYPES);

const CALLS = ['session', 'saveSession', 'pending', 'load', 'save', 'orphans', 'close'];

/** A storage whose process may end at any moment: nothing comes back then. */
class MortalStorage {
    #inner;
    #dead = false;
    #last = Promise.resolve();

    constructor(inner) {
        this.#inner = inner;
        for (const name of CALLS) this[name] = (...args) => this.#call(name, args);
    }

    #call(name, args) {
        if (this.#dead) return new Promise(() => {});
        const answer = this.#inner[name](...args);
        this.#last = Promise.allSettled([this.#last, answer]);
        return answer;
    }

    /** A process does not end in the middle of a system call. */
    async die() {
        this.#dead = true;
        await this.#last;
        await this.#inner.close();
    }
}

/** One tab; those of one person share a folder. */
class Tab {
    added = 0;
    wrong = [];
    /** Promises of edits that nobody has waited for yet. */
    edits = [];

    constructor(url, folder, chance) {
        this.url = url;
        this.folder = folder;
        this.chance = chance;
    }

    async arrive() {
        this.storage = new MortalStorage(fileStorage(this.folder));
        /* Close tries: how often it comes back is what counts here, not how politely. */
        const random = () => this.chance.random() / 16;
        this.client = connect(this.url, { name: 'tests', random, storage: this.storage });
        this.client.on('error', (error) => this.wrong.push(String(error)));
        this.client.on('refused', ({ name, error }) => this.wrong.push(`${name}: ${error}`));
        const open = (type) => this.client.open(`test/${type}`, { type, create: true });
        this.documents = await Promise.all(NAMES.map(open));
        for (const document of this.documents)
            document.on('diverged', () => this.wrong.push(`${document.name} diverged`));
    }

    act() {
        const { chance } = this;
        const document = chance.pick(this.documents);
        const before = document.data;
        if (chance.happens(0.1)) document.undo.undo();
        else this.edits.push(document.change((draft) => act(chance, document.type.name, draft)));
        if (document.type.name === 'counter') this.added += document.data - before;
        if (chance.happens(0.2)) document.presence.set({ cursor: [0], step: chance.below(9) });
    }

    saved() {
        return Promise.all(this.documents.map((document) => document.saved()));
    }

    /** It is gone with what it had in memory; what it stored is found by the next one. */
    async crash() {
        await Promise.all(this.documents.map((document) => document.store()));
        await this.storage.die();
        this.client.close();
        this.edits = [];
        await this.arrive();
    }
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

/** One step of everybody; now and then somebody waits, in calm weather, for what it did. */
async function step(at, { chance, proxy, server, tabs }) {
    for (let burst = chance.below(4); burst >= 0; burst--) chance.pick(tabs).act();
    proxy.step(chance);
    await soon();
    if (at === STEPS / 2) {
        await server.end('SIGKILL');
        await server.start();
    }
    const tab = chance.pick(tabs);
    if (chance.happens(0.04)) {
        proxy.calm();
        await tab.crash();
    } else if (chance.happens(0.3)) {
        proxy.calm();
        await Promise.all(tab.edits.splice(0));
    }
}

async function live(seed) {
    const chance = new Chance(seed);
    const server = new Server();
    await server.start();
    const proxy = new Proxy(server);
    const url = await proxy.start();
    const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'tutti-tab-')));
    const tabs = [0, 1, 1].map((person) => new Tab(url, folders[person], chance));
    try {
        for (const tab of tabs) await tab.arrive();
        for (let at = 0; at < STEPS; at++) await step(at, { chance, proxy, server, tabs });
        proxy.calm();
        await allEqual(tabs, server);
    } finally {
        await Promise.all(tabs.map(({ client }) => client?.close()));
        proxy.close();
        await server.close();
        folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
    }
}

/** Everything that was stored by a tab that is gone has been sent by another one. */
async function nothingLeft(tabs) {
    for (const { storage, client, documents } of tabs) {
        await Promise.all(documents.map((document) => document.store()));
        assert.equal(client.status.state, 'online', JSON.stringify(client.status));
        assert.deepEqual(await storage.pending(), []);
    }
}

async function allEqual(tabs, server) {
    for (const tab of tabs) await tab.saved();
    const judge = connect(server.url.replace('http', 'ws'), { name: 'judge' });
    try {
        const open = (type) => judge.open(`test/${type}`, { type });
        const documents = await Promise.all(NAMES.map(open));
        const sum = tabs.reduce((total, { added }) => total + added, 0);
        const counter = documents[NAMES.indexOf('counter')];
        await settles(counter, () => sum, 'an edit was lost or came twice');
        for (const tab of tabs) {
            assert.deepEqual(tab.wrong, []);
            for (const [i, document] of tab.documents.entries())
                await settles(document, () => documents[i].data, document.name);
        }
        await nothingLeft(tabs);
    } finally {
        await judge.close();
    }
}

/** Waits until the document is what it has to be, as long as there is something to wait for. */
async function settles(document, wanted, told) {
    const right = () =>
        document.sync === 'synced' && canonical(document.data) === canonical(wanted());
    for (let patience = 0; !right() && patience < 400; patience++)
        await new Promise((resolve) => setTimeout(resolve, 25));
    assert.equal(canonical(document.data), canonical(wanted()), told);
    assert.equal(document.sync, 'synced', told);
}

test('Three tabs of two people stay equal through cuts, crashes and a killed server', async () => {
    const failed = [];
    for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++)
        await live(seed).catch((error) => failed.push(`SEEDS=${seed}: ${error.stack}`));
    assert.deepEqual(failed, []);
});
