import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canonical } from '../src/canonical.js';
import { act, TYPES } from './support/acts.js';
import { Shelf } from './support/shelf.js';
import { World } from './support/world.js';

/** @typedef {import('./support/sequencer.js').Sequencer} Sequencer */

const RANGE = process.env.SEEDS ?? (process.env.SOAK ? '1-300' : '1-8');
const [FIRST_SEED, LAST_SEED = FIRST_SEED] = RANGE.split('-').map(Number);
const STEPS = 100;

/**
 * One tab: edits a document of each type, in a client that loses its connection, itself and its
 * session now and then.
 */
class Tab {
    /** What was added to the counter and not refused. */
    added = 0;
    /** Edits without a fate. */
    open = 0;
    /** What must not happen, as it happened. */
    wrong = /** @type {string[]} */ ([]);
    /** @type {import('../src/document.js').Document[]} */
    documents = [];

    /**
     * @param {World} world
     * @param {Shelf} shelf
     */
    constructor(world, shelf) {
        this.world = world;
        this.shelf = shelf;
    }

    async arrive() {
        const { world } = this;
        this.storage = this.shelf.storage();
        const client = (this.client = world.client({ storage: this.storage }));
        client.on('refused', ({ name, operations }) => {
            if (name === 'notes/counter') for (const one of operations) this.added -= one;
        });
        const names = Object.keys(TYPES);
        const opening = names.map((type) => client.open(`notes/${type}`, { type, create: true }));
        this.documents = await world.until(Promise.all(opening));
        for (const document of this.documents) {
            this.#mirror(document);
            document.on('diverged', () => this.wrong.push('it diverged'));
        }
    }

    /** Everything of it is gone but what it stored. */
    async crash() {
        this.storage?.crash();
        this.open = 0;
        this.documents = [];
        this.client?.close();
        await this.arrive();
    }

    /**
     * The change events of a document alone lead a binding to what the document has.
     *
     * @param {import('../src/document.js').Document} document
     */
    #mirror(document) {
        let copy = document.data;
        const { type } = document;
        document.on('change', ({ operations }) => {
            copy = operations.reduce((data, one) => type.apply(data, one), copy);
            if (canonical(copy) !== canonical(document.data))
                this.wrong.push(`the change events of ${type.name} tell another story`);
        });
    }

    act() {
        const { chance } = this.world;
        const document = chance.pick(this.documents);
        if (chance.happens(0.1)) return this.#undo(document);
        const before = document.data;
        this.#follow(document.change((draft) => act(chance, document.type.name, draft)));
        if (document.type.name === 'counter') this.added += document.data - before;
    }

    /** @param {import('../src/document.js').Document} document */
    #undo(document) {
        const before = document.data;
        if (this.world.chance.happens(0.7)) document.undo.undo();
        else document.undo.redo();
        if (document.type.name === 'counter') this.added += document.data - before;
    }

    /** @param {Promise<any>} fate */
    #follow(fate) {
        this.open++;
        const met = () => void this.open--;
        fate.then(met, met);
    }
}

/**
 * @param {number} seed
 * @param {Partial<Sequencer['faults']> & { crash?: number }} faults
 */
async function live(seed, { crash = 0, ...faults }) {
    const world = new World(seed);
    const { chance, clock, network, server } = world;
    const shelves = [new Shelf(), new Shelf()];
    const tabs = [0, 1, 1].map((person) => new Tab(world, shelves[person]));
    for (const tab of tabs) await tab.arrive();
    Object.assign(server.faults, { commitMost: 30, ...faults });
    for (let step = 0; step < STEPS; step++) {
        for (let burst = chance.below(4); burst >= 0; burst--) chance.pick(tabs).act();
        if (chance.happens(0.03)) network.cutOne({ silent: chance.happens(0.2) });
        await clock.advance(chance.below(30));
        if (chance.happens(crash)) await chance.pick(tabs).crash();
    }
    Object.assign(server.faults, { refusedForNow: 0, refusedForGood: 0, whoTaken: 0 });
    for (const { documents } of tabs)
        for (const document of documents) await world.until(document.saved());
    await clock.advance(200000); /* a silent cut is noticed, a slow reader catches up */
    return { world, tabs, shelves };
}

/** @param {Awaited<ReturnType<typeof live>>} after */
function allEqual({ world, tabs, shelves }) {
    const { documents } = world.server;
    const sum = tabs.reduce((total, { added }) => total + added, 0);
    assert.equal(documents.get('notes/counter')?.data, sum, 'an edit was lost or came twice');
    for (const tab of tabs) {
        assert.deepEqual(tab.wrong, []);
        assert.equal(tab.open, 0, 'an edit never met its fate');
        for (const { name, data, sync } of tab.documents) {
            assert.deepEqual(data, documents.get(name)?.data, name);
            assert.equal(sync, 'synced');
        }
    }
    for (const { slots } of shelves)
        for (const { pending } of slots) assert.deepEqual(pending, [], 'an edit was left behind');
}

const WEATHER = {
    'a network that cuts': {},
    'refusals for now and for good': { refusedForNow: 0.1, refusedForGood: 0.05 },
    'composed ranges and slow readers': { composed: 0.5, slow: 0.3 },
    'snapshots in place of what was missed': { folded: 0.5 },
    'sessions that must change': { whoTaken: 0.1 },
    'tabs that crash': { crash: 0.05 },
    'all of it': {
        refusedForNow: 0.05,
        refusedForGood: 0.03,
        composed: 0.3,
        slow: 0.2,
        folded: 0.2,
        whoTaken: 0.01,
        crash: 0.02,
    },
};

for (const [name, faults] of Object.entries(WEATHER))
    test(`Three tabs of two people stay equal through ${name}`, async () => {
        for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++)
            try {
                const after = await live(seed, faults);
                allEqual(after);
                after.world.close();
            } catch (error) {
                throw new Error(`SEEDS=${seed}: ${/** @type {Error} */ (error).stack}`);
            }
    });
