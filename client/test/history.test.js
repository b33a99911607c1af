import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { hash64 } from '../src/sha256.js';
import { AT_FIRST, Script } from './support/script.js';

test('A document is read as it was, one question after the other', async () => {
    const script = new Script();
    const doc = await script.opened();
    const reads = [doc.history.read({ seq: 1 }), doc.history.read({ time: 5 })];
    assert.deepEqual(await script.heard(), [['read', 1, 'notes/a', { seq: 1 }]]);
    await script.say(['history', 1, { seq: 1, epoch: 7, time: 4, type: 'text', snapshot: 'ab' }]);
    assert.deepEqual(await reads[0], { seq: 1, epoch: 7, time: 4, type: 'text', data: 'ab' });
    assert.deepEqual(await script.heard(), [['read', 2, 'notes/a', { time: 5 }]]);
    const refused = assert.rejects(reads[1], { code: 222 });
    await script.say(['history', 2, { code: 222, text: 'not kept' }]);
    await refused;
});

test('A question that has no answer is asked again on the next connection', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.history.read({ seq: 1 });
    await script.heard();
    await script.lose();
    await script.clock.advance(200);
    await script.welcome();
    const asked = (await script.heard()).filter(([kind]) => kind === 'read');
    assert.deepEqual(asked, [['read', 1, 'notes/a', { seq: 1 }]]);
});

test('Operations come in as many answers as it takes', async () => {
    const script = new Script();
    const doc = await script.opened();
    const past = doc.history.operations(2, 4);
    await script.heard();
    await script.say(['history', 1, { operations: [{ seq: 2 }, { seq: 3 }], next: 4 }]);
    assert.deepEqual(await script.heard(), [['read', 2, 'notes/a', { from: 4, to: 4 }]]);
    await script.say(['history', 2, { operations: [{ seq: 4 }] }]);
    assert.deepEqual(await past, [{ seq: 2 }, { seq: 3 }, { seq: 4 }]);
});

test('A text is told by who wrote it', async () => {
    const script = new Script();
    const doc = await script.opened();
    const blames = [doc.history.blame(), doc.history.blame({ seq: 3, from: 2 })];
    assert.deepEqual(await script.heard(), [['read', 1, 'notes/a', { blame: true }]]);
    const runs = [{ points: 2 }, { points: 1, seq: 3, who: 'aaaaaaaa', user: '', time: 4 }];
    await script.say(['history', 1, { seq: 3, epoch: 7, time: 4, type: 'text', runs }]);
    assert.deepEqual(await blames[0], { seq: 3, epoch: 7, time: 4, type: 'text', runs });
    assert.deepEqual(await script.heard(), [
        ['read', 2, 'notes/a', { blame: true, seq: 3, from: 2 }],
    ]);
    await script.say(['history', 2, { seq: 3, epoch: 7, time: 4 }]); // there was none
    assert.deepEqual(await blames[1], { seq: 3, epoch: 7, time: 4, runs: [] });
});

test('Restoring is an edit that can be undone', async () => {
    const script = new Script();
    const doc = await script.opened('old text');
    await script.say([5, 2, 'aaaaaaaa', [3, '!']]);
    doc.history.restore(1);
    await script.heard();
    await script.say(['history', 1, { seq: 1, type: 'text', snapshot: 'old text' }]);
    assert.deepEqual(await script.heard(), [[5, 1, 2, [3, { d: 1 }]]]);
    assert.equal(doc.data, 'old text');
    doc.undo.undo();
    assert.equal(doc.data, 'old! text');
});

test('The hash is the beginning of SHA-256', () => {
    for (let length = 0; length < 200; length++) {
        const text = 'é'.repeat(length) + '😀';
        const digest = createHash('sha256').update(text).digest('hex');
        assert.equal(hash64(text), digest.slice(0, 16), String(length));
    }
});

test('States are compared between two operations of one message', async () => {
    const script = new Script();
    const opening = script.client.open('notes/a', { type: 'text' });
    await script.welcome();
    const options = { type: 'text', snapshot: 'ab', ...AT_FIRST, check_every: 2 };
    await script.say(['opened', 5, 'notes/a', 1, options]);
    const doc = await opening;
    await script.heard();
    doc.submit(['mine']);
    await script.heard();
    await script.say([5, 2, 'aaaaaaaa', ['x'], 'aaaaaaaa', ['y']]);
    const hash = createHash('sha256').update('"xab"').digest('hex').slice(0, 16);
    assert.deepEqual(await script.heard(), [['check', 5, 2, hash]]);
    let diverged = 0;
    doc.on('diverged', () => diverged++);
    await script.say(['diverged', 5, 2]);
    await script.clock.advance(200);
    const want = { type: 'text', from: 3, epoch: 7, pending: 1, diverged: true };
    assert.deepEqual(await script.heard(), [['close', 5], ['open', 'notes/a', want]]);
    assert.equal(diverged, 1);
});

test('What a composed range stepped over is not compared', async () => {
    const script = new Script();
    const opening = script.client.open('notes/a', { type: 'text' });
    await script.welcome();
    const options = { type: 'text', snapshot: 'ab', ...AT_FIRST, check_every: 2 };
    await script.say(['opened', 5, 'notes/a', 1, options]);
    await opening;
    await script.heard();
    await script.say(['composed', 5, 4, ['x'], 7]);
    assert.deepEqual(await script.heard(), []);
});
