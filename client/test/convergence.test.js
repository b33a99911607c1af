import assert from 'node:assert/strict';
import { test } from 'node:test';

import { World } from './support/world.js';

const RANGE = process.env.SEEDS ?? (process.env.SOAK ? '1-1000' : '1-40');
const [FIRST_SEED, LAST_SEED = FIRST_SEED] = RANGE.split('-').map(Number);
const STEPS = 120;
const LETTERS = ['a', 'b', ' ', '\n', 'é', '漢', '😀', '👩‍👩‍👧', 'word '];

/**
 * One person: types into a text and counts, in a client that loses its connection, its tab and
 * its session now and then.
 */
class Person {
    /** What was added and not refused. */
    added = 0;
    /** Edits without a fate. */
    open = 0;
    /** What must not happen, as it happened. */
    wrong = /** @type {string[]} */ ([]);

    /** @param {World} world */
    constructor(world) {
        this.world = world;
        this.client = world.client();
    }

    async arrive() {
        const { world, client } = this;
        const want = { type: 'text', create: true };
        this.text = await world.until(client.open('notes/text', want));
        this.counter = await world.until(
            client.open('notes/count', { type: 'counter', create: true }),
        );
        this.counter.on('refused', ({ operations }) => {
            for (const operation of operations) this.added -= operation;
        });
        for (const document of [this.text, this.counter]) {
            this.#mirror(document);
            document.on('diverged', () => this.wrong.push('it diverged'));
        }
    }

    /**
     * The change events of a document alone lead a binding to what the document has.
     *
     * @param {import('../src/document.js').Document} document
     */
    #mirror(document) {
        let copy = document.data;
        document.on('change', ({ operations }) => {
            copy = operations.reduce((data, one) => document.type.apply(data, one), copy);
            if (copy !== document.data) this.wrong.push('the change events tell another story');
        });
    }

    act() {
        const { chance } = this.world;
        if (chance.happens(0.2)) return this.count(chance.below(7) - 3);
        const draft = (/** @type {any} */ text) => {
            const at = chance.pick([0, text.length >> 1, chance.below(text.length + 1)]);
            if (chance.happens(0.65)) text.insert(at, chance.pick(LETTERS));
            else text.remove(at, Math.min(chance.below(4), text.length - at));
        };
        this.#follow(this.text?.change(draft));
    }

    /** @param {number} amount */
    count(amount) {
        this.added += amount;
        this.#follow(this.counter?.submit(amount));
    }

    /** @param {Promise<any> | undefined} fate */
    #follow(fate) {
        this.open++;
        const met = () => void this.open--;
        fate?.then(met, met);
    }
}

/**
 * @param {number} seed
 * @param {Partial<import('./support/sequencer.js').Sequencer['faults']>} faults
 */
async function live(seed, faults) {
    const world = new World(seed);
    const { chance, clock, network, server } = world;
    const people = [new Person(world), new Person(world), new Person(world)];
    for (const person of people) await person.arrive();
    Object.assign(server.faults, { commitMost: 30, ...faults });
    for (let step = 0; step < STEPS; step++) {
        for (let burst = chance.below(4); burst >= 0; burst--) chance.pick(people).act();
        if (chance.happens(0.03)) network.cutOne({ silent: chance.happens(0.2) });
        await clock.advance(chance.below(30));
    }
    Object.assign(server.faults, { refusedForNow: 0, refusedForGood: 0, whoTaken: 0 });
    for (const { text, counter } of people) {
        await world.until(/** @type {any} */ (text).saved());
        await world.until(/** @type {any} */ (counter).saved());
    }
    await clock.advance(200000); /* a silent cut is noticed, a slow reader catches up */
    return { world, people };
}

/**
 * @param {{ world: World, people: Person[] }} after
 */
function allEqual({ world, people }) {
    const { documents } = world.server;
    const sum = people.reduce((total, { added }) => total + added, 0);
    assert.equal(documents.get('notes/count')?.data, sum, 'an edit was lost or came twice');
    for (const { text, counter, open, wrong } of people) {
        assert.deepEqual(wrong, []);
        assert.equal(open, 0, 'an edit never met its fate');
        assert.equal(text?.data, documents.get('notes/text')?.data);
        assert.equal(text?.sync, 'synced');
        assert.equal(counter?.data, sum);
    }
}

const WEATHER = {
    'a network that cuts': {},
    'refusals for now and for good': { refusedForNow: 0.1, refusedForGood: 0.05 },
    'composed ranges and slow readers': { composed: 0.5, slow: 0.3 },
    'snapshots in place of what was missed': { folded: 0.5 },
    'sessions that must change': { whoTaken: 0.1 },
    'all of it': {
        refusedForNow: 0.05,
        refusedForGood: 0.03,
        composed: 0.3,
        slow: 0.2,
        folded: 0.2,
        whoTaken: 0.01,
    },
};

for (const [name, faults] of Object.entries(WEATHER))
    test(`Three people stay equal through ${name}`, async () => {
        for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++)
            try {
                const after = await live(seed, faults);
                allEqual(after);
                after.world.close();
            } catch (error) {
                throw new Error(`SEEDS=${seed}`, { cause: error });
            }
    });
