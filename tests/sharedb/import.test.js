/** What a ShareDB server has stored, brought over by `tutti import sharedb`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import ShareDB from 'sharedb';

import { dump, idsOf } from '../../docs/export-sharedb.js';
import { Server } from '../browser/server.js';
import { Person, TYPES, call, generation, urlOf } from './clients.js';

const TUTTI = join(process.env.TUTTID, '../../tools/tutti');

const server = new Server();
const backend = new (generation(ShareDB))();
let before_ms;
let lines = '';
let person;

/** The server of before, and what people have written there. */
async function write() {
    const connection = backend.connect();
    const [fido, note, page, gone] = ['fido', 'note', 'page', 'gone'].map((id) =>
        connection.get('pets', id),
    );
    await call(fido, 'create', { n: 0, list: [] });
    await call(fido, 'submitOp', [{ p: ['n'], na: 1 }]);
    before_ms = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await call(fido, 'submitOp', [{ p: ['list', 0], li: '😀' }]);
    await call(note, 'create', 'ab', TYPES.text);
    await call(note, 'submitOp', [1, 'X']);
    await call(note, 'submitOp', [{ d: 1 }]);
    await call(page, 'create', [{ insert: 'Hello' }], TYPES.rich);
    await call(page, 'submitOp', [{ retain: 5, attributes: { bold: true } }]);
    await call(gone, 'create', { n: 1 });
    await call(gone, 'del');
}

const run = (...words) => spawnSync(TUTTI, words, { input: lines, encoding: 'utf8' });

before(async () => {
    await write();
    const ids = [...(await idsOf(backend.db, 'pets')), 'gone'];
    for await (const line of dump(backend.db, 'pets', ids)) lines += line;
});
after(async () => {
    person?.close();
    await server.close();
});

test('imports what the export wrote, once, into a store without problems', () => {
    const store = `sqlite:${server.folder}`;
    const first = run('import', 'sharedb', '--store', store);
    assert.deepEqual([first.stderr, first.status], ['', 0]);
    assert.match(first.stdout, /^4 documents imported with 10 operations, 0 were there/);
    assert.match(run('import', 'sharedb', '--store', store).stdout, /^0 .* 4 were there already/);
    const checked = run('store', 'check', server.folder);
    assert.match(checked.stdout, /^4 documents, 10 operations, .*: 0 problems\n$/);
});

test('clients read the documents at their versions, with their history, and go on', async () => {
    await server.start();
    person = new Person(urlOf(server));
    const docs = ['fido', 'note', 'page', 'gone'].map((id) => person.get('pets', id));
    for (const doc of docs) await call(doc, 'subscribe');
    const [fido, note, page, gone] = docs;
    assert.deepEqual([fido.version, fido.data], [3, { n: 1, list: ['😀'] }]);
    assert.deepEqual([note.version, note.data], [3, 'Xb']);
    assert.deepEqual(page.data.ops, [{ insert: 'Hello', attributes: { bold: true } }]);
    assert.deepEqual([gone.version, gone.type], [2, null]);

    const { connection } = person;
    const first = await call(connection, 'fetchSnapshot', 'pets', 'note', 1);
    assert.deepEqual([first.v, first.data], [1, 'ab']);
    const then = await call(connection, 'fetchSnapshotByTimestamp', 'pets', 'fido', before_ms);
    assert.deepEqual([then.v, then.data], [2, { n: 1, list: [] }]);

    await call(fido, 'submitOp', [{ p: ['n'], na: 1 }]);
    await call(gone, 'create', 'again', TYPES.text);
    assert.deepEqual([fido.version, fido.data.n, gone.version], [4, 2, 3]);
    await server.end();
    assert.match(run('store', 'check', server.folder).stdout, /: 0 problems\n$/);
});
