import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AT_FIRST, Script } from './support/script.js';

test('A document is made from data once', async () => {
    const script = new Script();
    script.client.open('notes/n', { type: 'counter', create: true, data: 5 });
    await script.welcome();
    const want = { type: 'counter', create: true, data: 5 };
    assert.deepEqual((await script.heard())[1], ['open', 'notes/n', want]);
    await script.say(['opened', 5, 'notes/n', 1, { type: 'counter', snapshot: 5, ...AT_FIRST }]);
    await script.lose();
    await script.clock.advance(200);
    await script.welcome();
    const again = { type: 'counter', from: 1, epoch: 7 };
    assert.deepEqual((await script.heard())[1], ['open', 'notes/n', again]);
});

test('Says hello with a secret, then opens', async () => {
    const script = new Script({ name: 'tests', token: () => 'jwt' });
    script.client.open('notes/a', { type: 'text', create: true });
    await script.welcome();
    const [hello, open, ...rest] = await script.heard();
    assert.match(hello[1].resume, /^[A-Za-z0-9_-]{22}$/);
    assert.deepEqual(hello.slice(0, 1), ['hello']);
    assert.deepEqual([hello[1].token, hello[1].client], ['jwt', 'tests']);
    assert.deepEqual(open, ['open', 'notes/a', { type: 'text', create: true }]);
    assert.deepEqual(rest, []);
});

test('An edit shows at once and is acknowledged by the stream', async () => {
    const script = new Script();
    const doc = await script.opened();
    assert.equal(doc.sync, 'synced');
    const done = doc.change((/** @type {any} */ text) => text.insert(2, 'c'));
    assert.equal(doc.data, 'abc');
    assert.equal(doc.sync, 'saving');
    assert.deepEqual(await script.heard(), [[5, 1, 1, [2, 'c']]]);
    await script.say([5, 2, 'mmmmmmmm', [2, 'c']]);
    assert.deepEqual(await done, { seq: 2 });
    assert.equal(doc.sync, 'synced');
});

test('An edit is stored before it is sent', async () => {
    const script = new Script();
    const doc = await script.opened();
    /** @type {() => void} */
    let stored = () => {};
    const save = script.storage.save;
    script.storage.save = (name, record) =>
        new Promise((resolve) => (stored = () => resolve(save(name, record))));
    doc.submit(['x']);
    assert.deepEqual(await script.heard(), []);
    stored();
    assert.deepEqual(await script.heard(), [[5, 1, 1, ['x']]]);
    assert.equal((await script.storage.load('notes/a'))?.inFlight?.serial, 1);
});

test('A storage that fails stops nobody', async () => {
    const script = new Script();
    const doc = await script.opened();
    /** @type {unknown[]} */
    const errors = [];
    script.client.on('error', (error) => errors.push(error));
    script.storage.save = () => Promise.reject(new Error('full'));
    doc.submit(['x']);
    assert.deepEqual(await script.heard(), [[5, 1, 1, ['x']]]);
    assert.match(String(errors[0]), /full/);
});

test('After a reconnect, what was pending is sent when the answer has been read', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.submit(['x']);
    await script.heard();
    await script.lose();
    assert.equal(doc.sync, 'offline');
    await script.clock.advance(200);
    await script.welcome();
    const [, open] = await script.heard();
    assert.deepEqual(open, ['open', 'notes/a', { type: 'text', from: 1, epoch: 7, pending: 1 }]);
    await script.say(['opened', 6, 'notes/a', 3, { type: 'text', ...AT_FIRST }]);
    await script.say([6, 2, 'aaaaaaaa', ['f']]);
    assert.deepEqual(await script.heard(), []);
    assert.equal(doc.sync, 'saving');
    await script.say([6, 3, 'aaaaaaaa', [1, 'f']]);
    assert.deepEqual(await script.heard(), [[6, 1, 3, [2, 'x']]]);
});

test('Refused for now: the same serial again, after the time it was told', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.submit(['x']);
    await script.heard();
    await script.say(['refused', 5, 1, 100, 'away', { retry_after_ms: 400 }]);
    await script.say([5, 2, 'aaaaaaaa', ['f']]);
    await script.clock.advance(398);
    assert.deepEqual(await script.heard(), []);
    await script.clock.advance(2);
    assert.deepEqual(await script.heard(), [[5, 1, 2, [1, 'x']]]);
});

test('Rebase: the same serial again at once, in the form that follows the range', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.submit([2, 'x']);
    await script.heard();
    await script.say(['composed', 5, 9, ['f'], 7], ['refused', 5, 1, 103, 'rebase', {}]);
    assert.deepEqual(await script.heard(), [[5, 1, 9, [3, 'x']]]);
});

test('Refused for good: the edit leaves the view and its promise rejects', async () => {
    const script = new Script();
    const doc = await script.opened();
    /** @type {any[]} */
    const told = [];
    doc.on('refused', ({ error, operations }) => told.push(error.code, operations));
    const done = doc.submit(['x']);
    await script.heard();
    doc.submit([1, 'y']);
    await script.say(['refused', 5, 1, 208, 'does not fit', {}]);
    await assert.rejects(done, { code: 208, class: 'fix' });
    assert.deepEqual(told, [208, [['x']]]);
    assert.equal(doc.data, 'yab');
    assert.deepEqual(await script.heard(), [[5, 2, 1, ['y']]]);
});

test('A name that is taken leads to a new session, once all else has its fate', async () => {
    const script = new Script();
    const doc = await script.opened();
    const opening = script.client.open('notes/b', { type: 'counter' });
    await script.heard();
    await script.say(['opened', 6, 'notes/b', 1, { type: 'counter', snapshot: 0, ...AT_FIRST }]);
    const other = await opening;
    other.submit(1);
    doc.submit(['x']);
    await script.heard();
    await script.say(['refused', 5, 1, 102, 'taken', {}]);
    assert.equal(script.sockets.length, 1, 'the counter waits for its acknowledgement');
    await script.say([6, 2, 'mmmmmmmm', 1]);
    await script.clock.advance(1);
    assert.equal(script.sockets.length, 2);
    await script.welcome('nnnnnnnn');
    await script.say(['opened', 5, 'notes/a', 1, { type: 'text', ...AT_FIRST }]);
    const heard = await script.heard();
    assert.notEqual(heard[0][1].resume, undefined);
    assert.deepEqual(heard[heard.length - 1], [5, 1, 1, ['x']]);
});

test('A session that was taken on its own socket does not come back', async () => {
    const script = new Script();
    const doc = await script.opened();
    await script.lose(4400);
    await script.clock.advance(100000);
    assert.equal(script.sockets.length, 1);
    assert.equal(script.client.status.state, 'closed');
    assert.equal(script.client.status.code, 400);
    assert.equal(doc.sync, 'offline');
});

test('What a replaced socket says is not heard', async () => {
    const script = new Script();
    await script.opened();
    const old = script.socket;
    await script.say(['goaway', { after_ms: 100, within_ms: 200 }]);
    await script.clock.advance(198);
    assert.equal(script.sockets.length, 1);
    await script.clock.advance(4);
    assert.equal(script.sockets.length, 2);
    assert.ok(old.closed);
    old.onclose({ code: 4400, reason: 'taken' });
    await script.welcome();
    assert.equal(script.client.status.state, 'online');
});

test('Final close codes end it, others are tried again with more and more patience', async () => {
    for (const code of [1002, 1008, 4205, 4402]) {
        const script = new Script();
        await script.opened();
        await script.lose(code);
        assert.equal(script.client.status.state, 'closed', String(code));
    }
    const script = new Script();
    await script.opened();
    const waits = [];
    for (let i = 0; i < 4; i++) {
        await script.lose(i % 2 === 0 ? 1006 : 4101);
        const { retryAt = 0 } = script.client.status;
        waits.push(retryAt - script.clock.now());
        await script.clock.advance(retryAt - script.clock.now() + 1);
    }
    assert.deepEqual(waits, [125, 250, 500, 1000]);
});

test('A socket that is silent for two heartbeats is given up', async () => {
    const script = new Script();
    await script.opened();
    await script.clock.advance(1100);
    assert.deepEqual(script.sent, [[]]);
    await script.say([]);
    await script.clock.advance(1900);
    assert.equal(script.client.status.state, 'online');
    await script.clock.advance(400);
    assert.notEqual(script.client.status.state, 'online');
});

test('A document that cannot be opened rejects', async () => {
    const script = new Script();
    const opening = script.client.open('notes/none', { type: 'text' });
    await script.welcome();
    const rejected = assert.rejects(opening, { code: 211 });
    await script.say(['closed', 'notes/none', 211, 'the document does not exist']);
    await rejected;
});

test('Closed for now: opened again from where it was', async () => {
    const script = new Script();
    await script.opened();
    await script.say(['closed', 5, 104, 'behind']);
    await script.clock.advance(200);
    const want = { type: 'text', from: 1, epoch: 7 };
    assert.deepEqual(await script.heard(), [['open', 'notes/a', want]]);
});

test('Deleted: what was pending is handed back', async () => {
    const script = new Script();
    const doc = await script.opened();
    const done = doc.submit(['x']);
    const saved = assert.rejects(doc.saved(), { code: 213 });
    await script.say(['closed', 5, 213, 'deleted']);
    await assert.rejects(done, { code: 213 });
    await saved;
    assert.equal(doc.data, 'ab');
    assert.throws(() => doc.submit(['y']), { code: 213 });
});

test('A stream that cannot be followed is opened anew with a snapshot', async () => {
    const script = new Script();
    const doc = await script.opened();
    let diverged = 0;
    doc.on('diverged', () => diverged++);
    await script.say([5, 4, 'aaaaaaaa', ['f']]);
    await script.clock.advance(200);
    const want = { type: 'text', from: 1, epoch: 7, diverged: true };
    assert.deepEqual(await script.heard(), [['close', 5], ['open', 'notes/a', want]]);
    await script.say(['opened', 5, 'notes/a', 4, { type: 'text', snapshot: 'fab', ...AT_FIRST }]);
    assert.equal(doc.data, 'fab');
    assert.equal(diverged, 1);
    assert.equal(doc.sync, 'synced');
});

test('Opened twice is held twice', async () => {
    const script = new Script();
    const doc = await script.opened();
    assert.equal(await script.client.open('notes/a'), doc);
    doc.close();
    assert.deepEqual(await script.heard(), []);
    doc.close();
    assert.deepEqual(await script.heard(), [['close', 5]]);
    assert.throws(() => doc.submit(['x']), { code: 214 });
});

test('A document is left only when what was sent has its fate', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.submit(['x']);
    await script.heard();
    doc.close();
    assert.deepEqual(await script.heard(), []);
    await script.say([5, 2, 'mmmmmmmm', ['x']]);
    assert.deepEqual(await script.heard(), [['close', 5]]);
});

test('A client that comes back with its storage goes on with what was pending', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.submit(['x']);
    const [hello] = [(await script.storage.session())?.secret];
    await script.heard();
    script.client.close();
    const again = new Script({ storage: script.storage });
    const opening = again.client.open('notes/a', { type: 'text', create: true });
    await again.welcome();
    const restored = await opening;
    assert.equal(restored.data, 'xab');
    const heard = await again.heard();
    assert.equal(heard[0][1].resume, hello);
    assert.deepEqual(heard[1][2], { type: 'text', from: 1, epoch: 7, pending: 1 });
});

test('What no message can carry is refused here', async () => {
    const script = new Script();
    const doc = await script.opened();
    assert.throws(() => doc.submit(['x'.repeat(2 << 20)]), { code: 202 });
    assert.equal(doc.data, 'ab');
});
