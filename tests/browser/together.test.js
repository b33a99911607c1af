/** Presence, signals and the history of a document in browsers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { raise, until } from './stage.js';

const stage = raise();
const { front } = stage;

async function arrive(tab, name) {
    const page = await stage.arrive();
    await page.goto(`${front.url}text.html?tab=${tab}&document=${name}`);
    await until(page, () => globalThis.seen?.doc !== undefined);
    return page;
}

const edit = (page, operation) =>
    page.evaluate((what) => globalThis.seen.doc.submit(what), operation);
const reads = (page, text) => until(page, (want) => globalThis.seen.doc.data === want, text);
const tell = (page, state) => page.evaluate((own) => globalThis.seen.doc.presence.set(own), state);
const sees = (page, states) =>
    until(
        page,
        (want) => JSON.stringify([...globalThis.seen.doc.presence.others.values()]) === want,
        JSON.stringify(states),
    );

async function leave(...pages) {
    for (const page of pages) await stage.leave(page);
}

test('A cursor is moved through the edits of everybody, and goes with its person', async () => {
    const [anna, ben] = [await arrive('anna', 'cursor'), await arrive('ben', 'cursor')];
    await edit(anna, ['one two three']);
    await reads(ben, 'one two three');
    await tell(anna, { cursor: [4, 7], name: 'Anna' });
    await sees(ben, [{ cursor: [4, 7], name: 'Anna' }]);
    await edit(ben, ['zero ']);
    await sees(ben, [{ cursor: [9, 12], name: 'Anna' }]);
    await reads(anna, 'zero one two three');
    const own = await anna.evaluate(() => globalThis.seen.doc.presence.own.cursor);
    assert.deepEqual(own, [9, 12]);
    await edit(anna, [9, '😀']);
    await sees(ben, [{ cursor: [10, 13], name: 'Anna' }]);
    await leave(anna);
    await sees(ben, []);
    await leave(ben);
});

test('Whoever is offline sees nobody, and is seen by nobody, until they are back', async () => {
    const [anna, ben] = [await arrive('anna', 'away'), await arrive('ben', 'away')];
    await tell(anna, { name: 'Anna' });
    await tell(ben, { name: 'Ben' });
    await sees(anna, [{ name: 'Ben' }]);
    await sees(ben, [{ name: 'Anna' }]);
    front.cut('anna');
    await sees(anna, []);
    await sees(ben, []);
    front.mend('anna');
    await sees(anna, [{ name: 'Ben' }]);
    await sees(ben, [{ name: 'Anna' }]);
    await leave(anna, ben);
});

test('A signal reaches everybody, or the one it is for', async () => {
    const pages = await Promise.all(['a', 'b', 'c'].map((tab) => arrive(tab, 'signal')));
    for (const page of pages)
        await page.evaluate(() => {
            globalThis.seen.said = [];
            globalThis.seen.doc.on('said', ({ event }) => globalThis.seen.said.push(event));
        });
    const [anna, ben, clara] = pages;
    const who = await clara.evaluate(() => globalThis.seen.client.who);
    await anna.evaluate((to) => globalThis.seen.doc.say({ wink: 1 }, to), who);
    await anna.evaluate(() => globalThis.seen.doc.say({ wave: 2 }));
    await until(ben, () => globalThis.seen.said.length > 0);
    await until(clara, () => globalThis.seen.said.length > 1);
    assert.deepEqual(await ben.evaluate(() => globalThis.seen.said), [{ wave: 2 }]);
    const said = await clara.evaluate(() => globalThis.seen.said);
    assert.deepEqual(said, [{ wink: 1 }, { wave: 2 }]);
    await leave(...pages);
});

test('A document is read as it was, and restored; that can be undone', async () => {
    const [anna, ben] = [await arrive('anna', 'past'), await arrive('ben', 'past')];
    const { seq } = await edit(anna, ['as it was']);
    await reads(ben, 'as it was');
    await edit(ben, [{ d: 9 }, 'all other']);
    await reads(anna, 'all other');
    const then = await anna.evaluate((at) => globalThis.seen.doc.history.read({ seq: at }), seq);
    assert.deepEqual([then.seq, then.type, then.data], [seq, 'text', 'as it was']);
    const steps = await anna.evaluate(
        ([from, to]) => globalThis.seen.doc.history.operations(from, to),
        [seq, seq + 1],
    );
    assert.deepEqual(steps.map((step) => step.seq), [seq, seq + 1]);
    const who = await ben.evaluate(() => globalThis.seen.client.who);
    assert.equal(steps[1].who, who);
    await anna.evaluate((at) => globalThis.seen.doc.history.restore(at), seq);
    for (const page of [anna, ben]) await reads(page, 'as it was');
    await anna.evaluate(() => void globalThis.seen.doc.undo.undo());
    for (const page of [anna, ben]) await reads(page, 'all other');
    await leave(anna, ben);
});
