/**
 * Several ShareDB clients and several native ones on the same documents, over a slow network that
 * cuts, to a server that is killed: all equal, equal to what is stored, and each acknowledged
 * operation there exactly once. A rule that is broken on purpose has to be noticed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../../client/src/index.js';
import { Chance } from '../../client/test/support/random.js';
import { Server } from '../browser/server.js';
import { Network, Person, Raw, TYPES, call, pause, urlOf } from './clients.js';

const RANGE = process.env.SEEDS ?? (process.env.SOAK ? '1-300' : '1-5');
const [FIRST_SEED, LAST_SEED = FIRST_SEED] = RANGE.split('-').map(Number);
const STEPS = 60;
const PATIENCE_MS = 20000;
const MUTANT_PATIENCE_MS = 4000;
const MUTANT_SEEDS = 20;
const LETTERS = ['a', 'é', '漢', '😀', 'word '];
const NATIVE_TYPES = { number: 'json0', text: 'text', rich: 'rich' };
const FIRST = {
    number: [{ n: 0, list: [] }, TYPES.json0],
    text: ['', TYPES.text],
    rich: [[], TYPES.rich],
};

const plain = (data) => JSON.parse(JSON.stringify(data?.ops ? { ops: data.ops } : data));

/* ---- What may be done to a document ---- */

function textEdit(chance, data) {
    const length = [...data].length;
    const at = chance.below(length + 1);
    const skip = at > 0 ? [at] : [];
    if (length === at || chance.happens(0.7)) return [...skip, chance.pick(LETTERS)];
    return [...skip, { d: Math.min(length - at, 1 + chance.below(3)) }];
}

function richEdit(chance, { ops }) {
    const points = ops.flatMap(({ insert }) => [...insert].map((point) => point.length));
    const at = chance.below(points.length + 1);
    const skipped = points.slice(0, at).reduce((sum, each) => sum + each, 0);
    const skip = skipped > 0 ? [{ retain: skipped }] : [];
    if (at === points.length || chance.happens(0.6))
        return { ops: [...skip, { insert: chance.pick(LETTERS) }] };
    if (chance.happens(0.5)) return { ops: [...skip, { delete: points[at] }] };
    const attributes = { bold: chance.happens(0.7) || null };
    return { ops: [...skip, { retain: points[at], attributes }] };
}

function numberEdit(chance, { list }, author) {
    const amount = 1 + chance.below(9);
    author.added += amount;
    const operation = [{ p: ['n'], na: amount }];
    const at = chance.below(list.length + 1);
    if (at === list.length || chance.happens(0.6)) operation.push({ p: ['list', at], li: amount });
    else operation.push({ p: ['list', at], ld: list[at] });
    return operation;
}

const EDITS = { number: numberEdit, text: textEdit, rich: richEdit };

/* ---- Who does it ---- */

/** Once closed it stays so, whatever a schedule that was given up still does. */
class MortalServer extends Server {
    #over = false;

    async start() {
        assert.ok(!this.#over, 'the schedule was given up');
        await super.start();
        if (this.#over) await this.end('SIGKILL');
    }

    async close() {
        this.#over = true;
        await super.close();
    }
}

/** Who awaits it later is told; until then a failure is nobody's surprise. */
function later(promise) {
    promise.catch(() => {});
    return promise;
}

class ShareDBAuthor {
    added = 0;
    done = [];

    constructor(url, chance) {
        this.chance = chance;
        this.person = new Person(`${url}sharedb`, { again: () => chance.below(20) });
    }

    async arrive() {
        this.docs = Object.fromEntries(
            Object.keys(FIRST).map((id) => [id, this.person.get('all', id)]),
        );
        await Promise.all(Object.values(this.docs).map((doc) => call(doc, 'subscribe')));
    }

    act(id) {
        const doc = this.docs[id];
        this.done.push(later(call(doc, 'submitOp', EDITS[id](this.chance, doc.data, this))));
    }

    async settle() {
        await Promise.all(this.done);
        await Promise.all(Object.values(this.docs).map((doc) => call(doc, 'fetch')));
        assert.deepEqual(this.person.errors, []);
    }

    data(id) {
        return plain(this.docs[id].data);
    }

    close() {
        this.person.close();
    }
}

class NativeAuthor {
    added = 0;
    done = [];
    diverged = 0;

    constructor(url, chance) {
        this.chance = chance;
        this.client = connect(url, { name: 'tests', random: () => chance.random() / 8 });
    }

    async arrive() {
        this.docs = {};
        for (const [id, type] of Object.entries(NATIVE_TYPES)) {
            this.docs[id] = await this.client.open(`all/${id}`, { type });
            this.docs[id].on('diverged', () => this.diverged++);
        }
    }

    act(id) {
        const doc = this.docs[id];
        this.done.push(later(doc.submit(EDITS[id](this.chance, doc.data, this))));
    }

    async settle(heads) {
        await Promise.all(this.done);
        for (const [id, doc] of Object.entries(this.docs))
            while (doc.seq < heads[id] || doc.sync !== 'synced') await pause(2);
        assert.equal(this.diverged, 0, 'it diverged');
    }

    data(id) {
        return plain(this.docs[id].data);
    }

    close() {
        this.client.close();
    }
}

/* ---- One schedule ---- */

async function create(server) {
    const maker = new Person(urlOf(server));
    for (const [id, [data, type]] of Object.entries(FIRST))
        await call(maker.get('all', id), 'create', data, type);
    maker.close();
}

/** The log as the store has it: versions without gaps, no operation twice. */
async function readLog(server, id) {
    const raw = new Raw(urlOf(server));
    await raw.say({ a: 'f', c: 'all', d: id, v: 0 });
    await raw.hear((message) => message.a === 'f');
    const log = raw.heard.filter((message) => message.a === 'op');
    raw.close();
    assert.deepEqual(log.map(({ v }) => v), log.map((_, i) => i), 'the log has a gap');
    const authors = new Set(log.map(({ src, seq }) => `${src} ${seq}`));
    assert.equal(authors.size, log.length, 'an operation is in the log twice');
    return log.length;
}

async function judge(server, authors) {
    const heads = {};
    for (const id of Object.keys(FIRST)) heads[id] = await readLog(server, id);
    for (const author of authors) await author.settle(heads);
    await server.end('SIGKILL');
    await server.start();
    const reader = new Person(urlOf(server));
    for (const id of Object.keys(FIRST)) {
        const doc = reader.get('all', id);
        await call(doc, 'fetch');
        for (const author of authors) assert.deepEqual(author.data(id), plain(doc.data), id);
    }
    const sum = authors.reduce((total, { added }) => total + added, 0);
    assert.equal(reader.get('all', 'number').data.n, sum, 'an edit was lost or came twice');
    reader.close();
}

/* Ends everything of the schedule that runs. */
let giveUp = async () => {};

async function live(seed) {
    const chance = new Chance(seed);
    const server = new MortalServer();
    await server.start();
    const network = new Network(server, () => chance.below(4));
    const url = await network.start();
    const authors = [
        ...Array.from({ length: 2 + chance.below(5) }, () => new ShareDBAuthor(url, chance)),
        ...Array.from({ length: 2 + chance.below(3) }, () => new NativeAuthor(url, chance)),
    ];
    giveUp = async () => {
        for (const author of authors) author.close();
        network.close();
        await server.close();
    };
    try {
        await create(server);
        await Promise.all(authors.map((author) => author.arrive()));
        for (let step = 0; step < STEPS; step++) {
            for (let burst = 1 + chance.below(6); burst > 0; burst--)
                chance.pick(authors).act(chance.pick(Object.keys(FIRST)));
            if (chance.happens(0.15)) network.cutOne(chance);
            if (step === STEPS / 2) {
                await server.end('SIGKILL');
                await server.start();
            }
            if (chance.happens(0.5)) await pause(chance.below(8));
        }
        for (const author of authors) await Promise.all(author.done);
        await judge(server, authors);
    } finally {
        await giveUp();
    }
}

/** It does not get there at all: that is noticed as well. */
async function inTime(promise, ms = PATIENCE_MS) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => giveUp().then(() => reject(new Error('it hangs'))), ms);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}

test('ShareDB and native clients stay equal through delays, cuts and a killed server', async () => {
    for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++)
        try {
            await inTime(live(seed));
        } catch (error) {
            throw new Error(`SEEDS=${seed}`, { cause: error });
        }
});

for (const mutant of ['drop-dedupe', 'swap-side', 'foreign-own'])
    await test(`notices the mutant ${mutant}`, async () => {
        process.env.TUTTI_MUTANT = mutant;
        try {
            for (let seed = 1; seed <= MUTANT_SEEDS; seed++) {
                const run = inTime(live(seed), MUTANT_PATIENCE_MS);
                if (await run.then(() => false, () => true)) return;
            }
        } finally {
            delete process.env.TUTTI_MUTANT;
        }
        assert.fail(`no seed of 1-${MUTANT_SEEDS} fails`);
    });

/* A schedule that was given up may have left something open; it must not keep the suite here. */
setTimeout(() => process.exit(), 1000).unref();
