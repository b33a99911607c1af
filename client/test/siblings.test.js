import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AT_FIRST, Script } from './support/script.js';
import { Shelf } from './support/shelf.js';

/** Two tabs of one person with `notes/a` open at seq 1, both offline. */
async function offlineTabs(/** @type {any} */ data = 'ab', type = 'text') {
    const shelf = new Shelf();
    const storages = [shelf.storage(), shelf.storage()];
    const scripts = storages.map((storage) => new Script({ storage }));
    const documents = [];
    for (const script of scripts) documents.push(await script.opened(data, type));
    for (const script of scripts) await script.lose();
    return { scripts, documents, shelf, storages };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('While there is no connection, tabs show what each other has pending', async () => {
    const { documents } = await offlineTabs();
    const [one, other] = documents;
    /** @type {any[]} */
    const told = [];
    other.on('change', ({ operations, local }) => told.push(...operations, local));
    one.submit([2, 'c']);
    await settled();
    assert.equal(other.data, 'abc');
    assert.deepEqual(told, [[2, 'c'], false]);
    assert.equal(other.sync, 'offline');
    other.submit(['x']);
    await settled();
    for (const document of documents) assert.equal(document.data, 'xabc');
});

test('What is written into the words of another tab goes beside them', async () => {
    const { scripts, documents } = await offlineTabs();
    const [one, other] = documents;
    one.submit([2, 'cd']);
    await settled();
    other.submit([3, 'X']);
    await settled();
    assert.ok(['abXcd', 'abcdX'].includes(other.data), other.data);
    assert.equal(one.data, other.data);
    await scripts[1].clock.advance(200);
    await scripts[1].welcome('nnnnnnnn');
    await scripts[1].say(['opened', 6, 'notes/a', 1, { type: 'text', ...AT_FIRST }]);
    assert.deepEqual((await scripts[1].heard()).at(-1), [6, 1, 1, [2, 'X']], 'only its own');
    assert.equal(other.data, 'abX');
});

test('Numbers of all tabs are added up, and sent by the tab that added them', async () => {
    const { scripts, documents } = await offlineTabs(10, 'counter');
    documents[0].submit(5);
    documents[1].submit(7);
    await settled();
    assert.deepEqual(documents.map(({ data }) => data), [22, 22]);
    await scripts[0].clock.advance(200);
    await scripts[0].welcome();
    await scripts[0].say(['opened', 5, 'notes/a', 1, { type: 'counter', ...AT_FIRST }]);
    await scripts[0].say([5, 2, 'mmmmmmmm', 5]);
    assert.deepEqual(documents.map(({ data }) => data), [15, 17]);
});

test('Who comes later sees what others have pending, and what crashed tabs left', async () => {
    const { scripts, documents, shelf, storages } = await offlineTabs();
    documents[0].submit(['x']);
    documents[1].submit([2, 'y']);
    await settled();
    storages[0].crash();
    scripts[0].client.close();
    const late = new Script({ storage: shelf.storage() });
    const doc = await late.client.open('notes/a', { type: 'text' });
    await settled();
    assert.equal(doc.data, 'xaby');
});
