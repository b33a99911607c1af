/** What each call of sharedb 7.0.0 does against tuttid. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';

import ShareDB7 from 'sharedb/lib/client/index.js';
import ShareDB4 from 'sharedb4/lib/client/index.js';
import ShareDB5 from 'sharedb5/lib/client/index.js';

import { Server } from '../browser/server.js';
import { Person, Raw, TYPES, call, generation, pause, urlOf } from './clients.js';

const TUTTI = process.env.TUTTI ?? '../../build/tools/tutti';
const server = new Server();
let url;
let people = [];
let count = 0;

before(async () => {
    await server.start();
    url = urlOf(server);
});
afterEach(() => {
    for (const person of people) person.close();
    people = [];
});
after(() => server.close());

function person(options) {
    const made = new Person(url, options);
    people.push(made);
    return made;
}

/** Two clients on one document, which nobody else has. */
function pair() {
    const id = `d${++count}`;
    const [anna, ben] = [person(), person()];
    return { anna, ben, a: anna.get('pets', id), b: ben.get('pets', id), id };
}

/** Until the document is at this version. */
async function at(doc, version) {
    while (doc.version < version) await once(doc, 'op batch');
}

test('creates, fetches, subscribes and edits a document of json0', async () => {
    const { a, b } = pair();
    await call(a, 'create', { n: 1, list: [1] });
    await call(b, 'fetch');
    assert.deepEqual([b.version, b.data, b.type.uri], [1, { n: 1, list: [1] }, TYPES.json0]);
    await call(b, 'subscribe');
    await call(a, 'submitOp', [{ p: ['n'], na: 2 }]);
    await at(b, 2);
    assert.deepEqual(b.data, { n: 3, list: [1] });
    await Promise.all([
        call(a, 'submitOp', [{ p: ['list', 0], li: 'a' }]),
        call(b, 'submitOp', [{ p: ['list', 0], li: 'b' }]),
    ]);
    await call(a, 'fetch');
    assert.deepEqual(a.data, b.data);
});

test('edits text and rich text together', async () => {
    const { a, b } = pair();
    await call(a, 'create', 'ac', TYPES.text);
    await Promise.all([call(a, 'subscribe'), call(b, 'subscribe')]);
    await Promise.all([call(a, 'submitOp', [1, '😀']), call(b, 'submitOp', [1, 'X'])]);
    await Promise.all([at(a, 3), at(b, 3)]);
    assert.equal(a.data, b.data);

    const rich = pair();
    await call(rich.a, 'create', [{ insert: 'Hello' }], TYPES.rich);
    await Promise.all([call(rich.a, 'subscribe'), call(rich.b, 'subscribe')]);
    await Promise.all([
        call(rich.a, 'submitOp', { ops: [{ retain: 5, attributes: { bold: true } }] }),
        call(rich.b, 'submitOp', [{ retain: 2 }, { insert: 'y' }, { delete: 3 }]),
    ]);
    await Promise.all([at(rich.a, 3), at(rich.b, 3)]);
    assert.deepEqual(rich.a.data.ops, rich.b.data.ops);
});

test('each operation of others comes once, and the own as its acknowledgement', async () => {
    const { anna, a, b } = pair();
    await call(a, 'create', { n: 0 });
    await Promise.all([call(a, 'subscribe'), call(b, 'subscribe')]);
    anna.heard.length = 0;
    for (let i = 0; i < 10; i++)
        await Promise.all([
            call(a, 'submitOp', [{ p: ['n'], na: 1 }]),
            call(b, 'submitOp', [{ p: ['n'], na: 1 }]),
        ]);
    await at(a, 21);
    const versions = anna.heard.filter((message) => message.a === 'op').map(({ v }) => v);
    assert.deepEqual(versions, Array.from({ length: 20 }, (_, i) => i + 1));
    assert.equal(a.data.n, 20);
});

test('deletes a document and makes it again; versions go on', async () => {
    const { a, b } = pair();
    await call(a, 'create', { n: 1 });
    await call(b, 'subscribe');
    await call(a, 'del');
    if (b.type !== null) await once(b, 'del');
    const late = call(b, 'submitOp', [{ p: ['n'], na: 1 }]);
    await assert.rejects(late, { code: 'ERR_DOC_DOES_NOT_EXIST' });
    await call(a, 'create', 'new', TYPES.text);
    while (b.version < 3) await once(b, 'create');
    assert.deepEqual([b.version, b.data], [3, 'new']);
    await assert.rejects(call(person().get('pets', a.id), 'create', {}), {
        code: 'ERR_DOC_ALREADY_CREATED',
    });
});

test('subscribes and fetches in bulk', async () => {
    const { anna, a, ben, id } = pair();
    const other = anna.get('pets', `${id}x`);
    await call(a, 'create', { n: 1 });
    await call(other, 'create', 'text', TYPES.text);
    const docs = [ben.get('pets', id), ben.get('pets', `${id}x`), ben.get('pets', `${id}none`)];
    ben.connection.startBulk();
    const subscribed = Promise.all(docs.map((doc) => call(doc, 'subscribe')));
    ben.connection.endBulk();
    await subscribed;
    assert.deepEqual(docs.map(({ version }) => version), [1, 1, 0]);
    await call(a, 'submitOp', [{ p: ['n'], na: 1 }]);
    await at(docs[0], 2);
    assert.equal(ben.heard.filter((message) => message.a === 'bs').length, 1);
    ben.cut();
    await call(other, 'submitOp', ['more ']);
    await at(docs[1], 2);
    assert.equal(docs[1].data, 'more text');
});

test('an operation in flight when the connection breaks is taken once', async () => {
    const { anna, ben, a, b } = pair();
    await call(a, 'create', { n: 0 });
    await Promise.all([call(a, 'subscribe'), call(b, 'subscribe')]);
    const { id } = anna.connection;
    for (let i = 0; i < 20; i++) {
        const done = call(a, 'submitOp', [{ p: ['n'], na: 1 }]);
        const others = call(b, 'submitOp', [{ p: ['n'], na: 100 }]);
        if (i % 2) await new Promise(setImmediate);
        anna.cut();
        await Promise.all([done, others]);
    }
    await Promise.all([call(a, 'fetch'), call(b, 'fetch')]);
    assert.deepEqual([a.data.n, b.data.n], [2020, 2020]);
    assert.equal(anna.connection.id, id, 'it came back under its id');
    assert.deepEqual([...anna.errors, ...ben.errors], []);
});

test('an operation that does not fit is taken back by its client', async () => {
    const { a } = pair();
    await call(a, 'create', { n: 0 });
    await call(a, 'subscribe');
    const raw = new Raw(url);
    await raw.say({ a: 'op', c: 'pets', d: a.id, v: 1, seq: 1, op: [{ p: ['no', 0], li: 1 }] });
    const { error, d } = await raw.hear((message) => message.error);
    assert.deepEqual([error.code, d], ['ERR_OT_OP_NOT_APPLIED', a.id]);
    await raw.say({ a: 'op', c: 'pets', d: a.id, v: 7, seq: 2, op: [] });
    const { error: newer } = await raw.hear((message) => message.v === 7);
    assert.equal(newer.code, 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT');
    raw.close();
    await call(a, 'submitOp', [{ p: ['n'], na: 1 }]);
    assert.deepEqual(a.data, { n: 1 });
});

test('reads a document as it was, by version and by time', async () => {
    const { anna, a, id } = pair();
    await call(a, 'create', 'a', TYPES.text);
    await call(a, 'submitOp', [1, 'b']);
    await pause(5);
    const between = Date.now();
    await pause(5);
    await call(a, 'submitOp', [2, 'c']);
    const at = (...when) => call(anna.connection, 'fetchSnapshot', 'pets', id, ...when);
    const atTime = (...when) =>
        call(anna.connection, 'fetchSnapshotByTimestamp', 'pets', id, ...when);

    for (const [version, data] of [[1, 'a'], [2, 'ab'], [3, 'abc'], [null, 'abc']]) {
        const snapshot = await at(version);
        assert.deepEqual(
            [snapshot.id, snapshot.v, snapshot.type, snapshot.data],
            [id, version ?? 3, TYPES.text, data],
        );
    }
    assert.deepEqual([(await at(0)).type, (await at(0)).v], [null, 0]);
    await assert.rejects(at(9), { code: 'ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT' });
    assert.equal((await atTime(between)).data, 'ab');
    assert.equal((await atTime(0)).type, null);
    assert.equal((await atTime(null)).data, 'abc');

    await call(a, 'del');
    assert.deepEqual([(await at(null)).v, (await at(null)).type], [4, null]);
    assert.equal((await at(3)).data, 'abc');
    const never = await call(anna.connection, 'fetchSnapshot', 'pets', `never${id}`, null);
    assert.deepEqual([never.v, never.type, never.data], [0, null, undefined]);
});

/** The next value that is received for an id. */
const received = async (presence, id) => {
    for (;;) {
        const [who, value] = await once(presence, 'receive');
        if (who === id) return value;
    }
};

test('shows presence in a channel, also to who comes later, and no ghosts', async () => {
    const channel = `room${++count}`;
    const [anna, ben, cleo] = [person(), person(), person()];
    const [a, b, c] = [anna, ben, cleo].map((who) => who.connection.getPresence(channel));
    const mine = a.create('anna');

    await call(b, 'subscribe');
    const first = received(b, 'anna');
    await call(mine, 'submit', { x: 1 });
    assert.deepEqual(await first, { x: 1 });
    await call(mine, 'submit', { x: 2 });

    const known = received(c, 'anna');
    await call(c, 'subscribe');
    assert.deepEqual(await known, { x: 2 });

    const gone = received(b, 'anna');
    const goneForCleo = received(c, 'anna');
    await call(mine, 'submit', null);
    assert.deepEqual([await gone, await goneForCleo], [null, null]);

    const back = received(b, 'anna');
    await call(mine, 'submit', { x: 3 });
    assert.deepEqual(await back, { x: 3 });
    const left = received(b, 'anna');
    anna.close();
    assert.equal(await left, null);
    assert.deepEqual(Object.keys(b.remotePresences), []);
    await call(c, 'unsubscribe');
    await assert.rejects(
        call(b.create('loud'), 'submit', 'x'.repeat(2000)),
        /larger than the limit/,
    );
});

test('moves what is shown of a rich text along the document', async () => {
    const { anna, ben, a, b, id } = pair();
    await call(a, 'create', [{ insert: 'Hello world' }], TYPES.rich);
    await Promise.all([call(a, 'subscribe'), call(b, 'subscribe')]);
    const [mine, theirs] = [anna, ben].map((who) => who.connection.getDocPresence('pets', id));
    await call(theirs, 'subscribe');
    const cursor = mine.create('cursor');

    const first = received(theirs, 'cursor');
    await call(cursor, 'submit', { index: 6, length: 5, name: 'Anna' });
    assert.deepEqual(await first, { index: 6, length: 5, name: 'Anna' });
    await call(b, 'submitOp', [{ insert: 'Oh! ' }]);
    assert.deepEqual(theirs.remotePresences.cursor, { index: 10, length: 5, name: 'Anna' });

    /* Of an old version, and of a type that has no presence: as a client might send them. */
    const raw = new Raw(url);
    const old = { a: 'p', ch: `pets.${id}`, id: 'old', pv: 0, c: 'pets', d: id };
    await raw.say({ ...old, p: { index: 0, length: 5 }, v: 1, t: TYPES.rich });
    await raw.hear((message) => message.a === 'p' && message.id === 'old');
    while (!theirs.remotePresences.old) await once(theirs, 'receive');
    assert.deepEqual(theirs.remotePresences.old, { index: 0, length: 9 });
    await raw.say({ ...old, id: 'json', p: { index: 0 }, v: 1, t: TYPES.json0 });
    const refused = await raw.hear((message) => message.id === 'json');
    assert.equal(refused.error.code, 'ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE');
    raw.close();
});

test('what is malformed closes its own connection alone', async () => {
    const { a } = pair();
    await call(a, 'create', { n: 0 });
    for (const [text, code] of [['{nonsense', 1011], ['5', 1000], ['null', 1000]]) {
        const raw = new Raw(url);
        await raw.say(text);
        assert.equal(await raw.closed, code);
    }
    const raw = new Raw(url);
    await raw.say({ a: 'qf', id: 1, c: 'pets', q: {} });
    const { error } = await raw.hear((message) => message.a === 'qf');
    assert.equal(error.code, 'ERR_DATABASE_METHOD_NOT_IMPLEMENTED');
    const half = '[{"p":["n"],"oi":"\\ud83d"}]';
    await raw.say(`{"a":"op","c":"pets","d":"${a.id}","v":1,"seq":1,"op":${half}}`);
    const refused = await raw.hear((message) => message.a === 'op');
    assert.equal(refused.error.code, 'ERR_OT_OP_BADLY_FORMED');
    raw.close();
    await call(a, 'submitOp', [{ p: ['n'], na: 1 }]);
    assert.equal(a.data.n, 1);
});

test('nobody acts under the id of another', async () => {
    const { anna, a } = pair();
    await call(a, 'create', { n: 0 });
    const raw = new Raw(url);
    await raw.say({ a: 'hs', id: 'made up', protocol: 1, protocolMinor: 2 });
    const { id } = await raw.hear((message) => message.a === 'hs');
    assert.notEqual(id, 'made up');
    await raw.say({ a: 'op', c: 'pets', d: a.id, v: 1, seq: 9, src: anna.connection.id, op: [] });
    const refused = await raw.hear((message) => message.error);
    assert.equal(refused.error.code, 'ERR_CLIENT_ID_BADLY_FORMED');
    raw.close();
});

test('the benchmark speaks as these clients do', async () => {
    const run = promisify(execFile);
    const load = ['bench', 'spread', '--documents', '2', '--writers', '2', '--seconds', '1'];
    const { stdout } = await run(TUTTI, [...load, '--dialect', 'sharedb', '--json', '--url', url]);
    assert.ok(JSON.parse(stdout).operations > 0);
});

test('answers pings', async () => {
    const { anna } = pair();
    if (!anna.connection.canSend) await once(anna.connection, 'connected');
    const pong = once(anna.connection, 'pong');
    anna.connection.ping();
    await pong;
});

for (const [name, sharedb] of [['4', ShareDB4], ['5', ShareDB5]])
    test(`a client of generation ${name} connects and edits`, async () => {
        const { a } = pair();
        await call(a, 'create', { n: 0 });
        const old = person({ sharedb: generation(sharedb) });
        const doc = old.get('pets', a.id);
        await call(doc, 'subscribe');
        await Promise.all([
            call(doc, 'submitOp', [{ p: ['n'], na: 1 }]),
            call(a, 'submitOp', [{ p: ['n'], na: 10 }]),
        ]);
        await at(doc, 3);
        await call(a, 'fetch');
        assert.deepEqual([doc.data.n, a.data.n, old.errors], [11, 11, []]);
    });

for (const [name, sharedb] of [['4', ShareDB4], ['5', ShareDB5], ['7', ShareDB7]])
    test(`a client of generation ${name} takes an operation back that is too large`, async () => {
        const { a } = pair();
        await call(a, 'create', { n: 0, text: '' });
        const author = person({ sharedb: generation(sharedb) });
        const doc = author.get('pets', a.id);
        await call(doc, 'subscribe');
        author.connection.on('disconnected', () => author.errors.push('disconnected'));
        const grow = call(doc, 'submitOp', [{ p: ['text', 0], si: 'x'.repeat(2 << 20) }]);
        await once(author.connection, 'send'); /* what is submitted now is no part of it */
        const count = call(doc, 'submitOp', [{ p: ['n'], na: 1 }]);
        await assert.rejects(grow, ({ code, message }) => {
            assert.equal(code, 'ERR_OT_OP_NOT_APPLIED');
            assert.match(message, /^a message of 2097\d{3} bytes is above the limit of 1048576$/);
            return true;
        });
        await count;
        assert.deepEqual([doc.version, doc.data], [2, { n: 1, text: '' }]);

        /* A creation is no different: there is no document after it. */
        const made = author.get('pets', `${a.id}x`);
        await assert.rejects(call(made, 'create', 'x'.repeat(2 << 20)), {
            code: 'ERR_OT_OP_NOT_APPLIED',
        });
        await call(made, 'create', 'small');
        assert.deepEqual([made.version, made.data], [1, 'small']);

        assert.deepEqual(author.errors, []);
    });

test('an operation that is too large is taken back on the next connection', async () => {
    const { anna, a } = pair();
    await call(a, 'create', 'ac', TYPES.text);
    await call(a, 'subscribe');
    const cut = once(anna.connection, 'disconnected');
    anna.cut();
    const grow = call(a, 'submitOp', ['x'.repeat(2 << 20)]);
    await cut;
    await assert.rejects(grow, { code: 'ERR_OT_OP_NOT_APPLIED' });
    await call(a, 'submitOp', [1, 'b']);
    assert.deepEqual([a.version, a.data, anna.errors], [2, 'abc', []]);
});
