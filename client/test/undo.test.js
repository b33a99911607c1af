import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Chance } from './support/random.js';
import { Script } from './support/script.js';

/** @typedef {import('../src/document.js').Document} Document */

const OTHER = 'aaaaaaaa';

/**
 * @param {Document} doc
 * @param {any} operation
 */
function edit(doc, operation) {
    doc.submit(operation);
}

/** Time enough for the next edit to be a step of its own. */
async function later(/** @type {Script} */ script) {
    await script.clock.advance(1000);
    await script.say([]);
}

test('Undo takes back what one did, and redo does it again', async () => {
    const script = new Script();
    const doc = await script.opened();
    assert.equal(doc.undo.undo(), false);
    edit(doc, [2, 'c']);
    assert.deepEqual([doc.undo.canUndo, doc.undo.canRedo], [true, false]);
    assert.equal(doc.undo.undo(), true);
    assert.equal(doc.data, 'ab');
    assert.deepEqual([doc.undo.canUndo, doc.undo.canRedo], [false, true]);
    assert.equal(doc.undo.redo(), true);
    assert.equal(doc.data, 'abc');
    edit(doc, ['x']);
    assert.equal(doc.undo.canRedo, false);
});

test('Edits within a second are one step, later ones another', async () => {
    const script = new Script();
    const doc = await script.opened();
    edit(doc, [2, 'c']);
    await script.clock.advance(900);
    edit(doc, [3, 'd']);
    await later(script);
    edit(doc, [4, 'e']);
    doc.undo.undo();
    assert.equal(doc.data, 'abcd');
    doc.undo.undo();
    assert.equal(doc.data, 'ab');
});

test('An edit after an undo is a step of its own', async () => {
    const script = new Script();
    const doc = await script.opened();
    edit(doc, ['x']);
    await later(script);
    edit(doc, ['y']);
    doc.undo.undo();
    edit(doc, ['z']);
    doc.undo.undo();
    assert.equal(doc.data, 'xab');
});

test('What is paused, and a transaction, is one step', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.undo.pause();
    for (const letter of ['x', 'y']) {
        edit(doc, [letter]);
        await later(script);
    }
    doc.undo.resume();
    doc.undo.transaction(() => ['z', 'w'].forEach((letter) => edit(doc, [letter])));
    doc.undo.undo();
    assert.equal(doc.data, 'yxab');
    doc.undo.undo();
    assert.equal(doc.data, 'ab');
});

test("Undo leaves others' edits alone, wherever they are", async () => {
    const script = new Script();
    const doc = await script.opened('one two');
    edit(doc, [3, ' and a half']);
    await script.say([5, 2, OTHER, ['zero ']], [5, 3, OTHER, [12, '!']]);
    assert.equal(doc.data, 'zero one and a half two!');
    doc.undo.undo();
    assert.equal(doc.data, 'zero one two!');
    doc.undo.redo();
    assert.equal(doc.data, 'zero one and a half two!');
});

test('Undo of a deletion brings back the text, not what somebody wrote there', async () => {
    const script = new Script();
    const doc = await script.opened('hello');
    edit(doc, [1, { d: 3 }]);
    await script.heard();
    await script.say([5, 2, 'mmmmmmmm', [1, { d: 3 }]], [5, 3, OTHER, [1, 'X']]);
    doc.undo.undo();
    assert.ok(['hXello', 'hellXo'].includes(doc.data), doc.data);
});

test('After undoing a lot, reading it, and redoing all, the document is as it was', async () => {
    const script = new Script();
    const doc = await script.opened({}, 'tree');
    /** @type {string} */
    let id = '';
    doc.change((tree) => (id = tree.create({ properties: { colour: 'red' } })));
    await later(script);
    doc.change((tree) => tree.set(id, { colour: 'blue' }));
    await script.say([5, 2, 'mmmmmmmm', doc.exchange.peer?.inFlight?.operation]);
    await script.say([5, 3, 'mmmmmmmm', [{ set: id, properties: { colour: 'blue' } }]]);
    await script.say([5, 4, OTHER, [{ set: id, properties: { colour: 'green' } }]]);
    const before = doc.data;
    assert.equal(doc.data[id].properties.colour, 'green');
    assert.ok(doc.undo.undo());
    assert.equal(doc.data[id].properties.colour, 'red', 'my step goes back to what I had before');
    assert.ok(doc.undo.undo());
    assert.deepEqual(doc.data, {});
    while (doc.undo.redo());
    assert.deepEqual(doc.data, before, 'the colour that somebody else gave it meanwhile');
});

test('The undo of a deletion brings back what others had put below', async () => {
    const script = new Script();
    const snapshot = { group: { place: [null, 'a0'], properties: {} } };
    const doc = await script.opened(snapshot, 'tree');
    doc.change((tree) => tree.remove('group'));
    await script.heard();
    const put = { create: 'star', place: ['group', 'a0'], properties: { n: 1 } };
    await script.say([5, 2, OTHER, [put]], [5, 3, 'mmmmmmmm', [{ delete: 'group' }]]);
    assert.deepEqual(doc.data, {});
    doc.undo.undo();
    assert.deepEqual(Object.keys(doc.data), ['group', 'star']);
});

test('The undo of a deletion brings things back as others had left them', async () => {
    const script = new Script();
    const at = (/** @type {string | null} */ parent, /** @type {string} */ key) => ({
        place: [parent, key],
        properties: {},
    });
    const snapshot = { group: at(null, 'a0'), moon: at('group', 'a0'), star: at('group', 'a1') };
    const doc = await script.opened(snapshot, 'tree');
    doc.change((tree) => tree.remove('group'));
    await script.heard();
    const into = { move: 'moon', place: ['star', 'a0'] };
    const wording = { set: 'star', properties: { n: 1 } };
    await script.say([5, 2, OTHER, [into, wording]], [5, 3, 'mmmmmmmm', [{ delete: 'group' }]]);
    assert.deepEqual(doc.data, {});
    doc.undo.undo();
    assert.deepEqual(doc.data, {
        group: snapshot.group,
        moon: { place: ['star', 'a0'], properties: {} },
        star: { place: ['group', 'a1'], properties: { n: 1 } },
    });
});

test('A refused edit is no step any more', async () => {
    for (const [type, data, operation] of [['text', 'ab', ['x']], ['counter', 7, 5]]) {
        const script = new Script();
        const doc = await script.opened(data, /** @type {string} */ (type));
        edit(doc, operation);
        await script.heard();
        await script.say(['refused', 5, 1, 208, 'no', {}]);
        doc.undo.undo();
        assert.deepEqual(doc.data, data, String(type));
    }
});

test('An edit that is not undoable is no step, and moves those that are', async () => {
    const script = new Script();
    const doc = await script.opened('ab');
    edit(doc, [2, 'c']);
    doc.submit(['log: '], { undoable: false });
    doc.undo.undo();
    assert.equal(doc.data, 'log: ab');
});

test('Undoing all and redoing all changes nothing, whoever edits between', async () => {
    for (let seed = 1; seed <= 60; seed++) {
        const chance = new Chance(seed);
        const script = new Script();
        const doc = await script.opened('some words');
        let seq = 1;
        for (let step = 0; step < 30; step++) {
            const length = [...doc.data].length;
            const at = chance.below(length + 1);
            const mine = chance.happens(0.5);
            const fitting = chance.happens(0.6) || at === length;
            const what = fitting ? chance.pick(['a', '😀', 'é']) : { d: 1 };
            const operation = at > 0 ? [at, what] : [what];
            if (mine) edit(doc, operation);
            if (mine && chance.happens(0.5)) await later(script);
            if (!mine && doc.exchange.peer?.idle)
                await script.say([5, ++seq, OTHER, operation]);
            if (doc.exchange.peer?.inFlight && chance.happens(0.7))
                await script.say([5, ++seq, 'mmmmmmmm', doc.exchange.peer.inFlight.operation]);
        }
        const before = doc.data;
        while (doc.undo.undo());
        while (doc.undo.redo());
        assert.equal(doc.data, before, `seed ${seed}`);
    }
});
