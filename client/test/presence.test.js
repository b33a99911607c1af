import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AT_FIRST, Script } from './support/script.js';

const OTHER = 'aaaaaaaa';
const US = 'mmmmmmmm';

/** What was told of us since the last call. */
async function told(/** @type {Script} */ script) {
    return (await script.heard()).filter(([kind]) => kind === 'here').map(([, , ...rest]) => rest);
}

test('A state goes out at once, the next at most every 33 ms, the last for certain', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.presence.set({ cursor: [0] });
    assert.deepEqual(await told(script), [[1, { cursor: [0] }]]);
    for (let at = 0; at < 3; at++) doc.presence.set({ cursor: [at] });
    assert.deepEqual(await told(script), []);
    await script.clock.advance(33);
    assert.deepEqual(await told(script), [[1, { cursor: [2] }]]);
});

test('While an edit is under way nothing is told, nor after it what the others know', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.presence.set({ cursor: [2] });
    await told(script);
    doc.submit([2, 'xy']);
    doc.presence.set({ cursor: [4] });
    await script.clock.advance(1000);
    assert.deepEqual(await told(script), []);
    await script.say([5, 2, US, [2, 'xy']]);
    await script.clock.advance(1000);
    assert.deepEqual(await told(script), [], 'they moved the cursor by the edit');
    doc.presence.set({ cursor: [3] });
    assert.deepEqual(await told(script), [[2, { cursor: [3] }]]);
});

test('Others are moved by every edit, theirs and ours', async () => {
    const script = new Script();
    const doc = await script.opened('abcd');
    await script.say(['here', 5, 1, OTHER, { name: 'Anna', cursor: [2, 4] }]);
    const first = doc.presence.others;
    assert.deepEqual([...first], [[OTHER, { name: 'Anna', cursor: [2, 4] }]]);
    doc.submit(['!']);
    assert.deepEqual(doc.presence.others.get(OTHER).cursor, [3, 5]);
    assert.deepEqual(first.get(OTHER).cursor, [2, 4], 'a map that was given never changes');
    await script.say([5, 2, OTHER, [2, 'x']]);
    assert.equal(doc.data, '!abxcd');
    assert.deepEqual(doc.presence.others.get(OTHER).cursor, [4, 6], 'their own text is before it');
    await script.say([5, 3, US, ['!']]);
    assert.deepEqual(doc.presence.others.get(OTHER).cursor, [4, 6]);
});

test('Who leaves is gone, and so is everybody when we are offline', async () => {
    const script = new Script();
    const doc = await script.opened();
    let changes = 0;
    doc.presence.on('change', () => changes++);
    await script.say(['here', 5, 1, OTHER, 1], ['here', 5, 1, 'bbbbbbbb', 2]);
    await script.say(['here', 5, 1, OTHER, null]);
    assert.deepEqual([...doc.presence.others.keys()], ['bbbbbbbb']);
    await script.say(['here', 5, 1]);
    assert.equal(doc.presence.others.size, 0);
    await script.say(['here', 5, 1, OTHER, 1]);
    await script.lose();
    assert.equal(doc.presence.others.size, 0);
    assert.equal(changes, 6);
});

test('After a reconnect we are told of again, and while we say nothing too', async () => {
    const script = new Script();
    const doc = await script.opened();
    doc.presence.set('here');
    await told(script);
    await script.lose();
    await script.clock.advance(200);
    await script.welcome();
    await script.say(['opened', 6, 'notes/a', 1, { type: 'text', ...AT_FIRST }]);
    assert.deepEqual(await told(script), [[1, 'here']]);
    for (let seconds = 0; seconds < 29; seconds++) {
        await script.clock.advance(1000);
        await script.say([]);
    }
    assert.deepEqual(await told(script), [[1, 'here']]);
});

test('A signal is said and heard', async () => {
    const script = new Script();
    const doc = await script.opened();
    /** @type {any[]} */
    const said = [];
    doc.on('said', (event) => said.push(event));
    doc.say({ ring: true }, OTHER);
    doc.say('all');
    assert.deepEqual(await script.heard(), [['say', 5, { ring: true }, OTHER], ['say', 5, 'all']]);
    await script.say(['say', 5, OTHER, { ring: true }]);
    assert.deepEqual(said, [{ who: OTHER, event: { ring: true } }]);
});
