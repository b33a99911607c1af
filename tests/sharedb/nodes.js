/**
 * Two ShareDB clients, each at its node of a cluster, that edit the same documents at once.
 *
 *     node nodes.js PORT PORT
 *
 * Prints `edited` when a part of it is acknowledged, for whoever may kill a node then, and in the
 * end what each client has, as JSON.
 */
import { Person, TYPES, call, pause } from './clients.js';

const EDITS = 60;
const PAUSE_MS = 20;
const ports = process.argv.slice(2);

/** Its client is at the node `first`, and at the next one whenever its connection is gone. */
function person(first) {
    let at = first;
    return new Person(() => `ws://127.0.0.1:${ports[at++ % ports.length]}/sharedb`, {
        again: () => 100,
    });
}

const people = ports.map((_, index) => ({ client: person(index), added: 0, tokens: [] }));
let acknowledged = 0;

async function open({ client }, id, data, type) {
    const doc = client.get('nodes', id);
    await call(doc, 'subscribe');
    if (!doc.type) await call(doc, 'create', data, type);
    return doc;
}

function count() {
    acknowledged += 1;
    if (acknowledged === EDITS) console.log('edited');
}

/** One adds numbers, and types words that nobody else types. */
async function edit(person, index) {
    const acks = [];
    for (let turn = 0; turn < EDITS; turn += 1) {
        const amount = 1 + (turn % 9);
        const token = `<${index}.${turn}>`;
        person.added += amount;
        person.tokens.push(token);
        acks.push(call(person.number, 'submitOp', [{ p: ['n'], na: amount }]).then(count));
        acks.push(call(person.text, 'submitOp', [token]).then(count));
        await pause(PAUSE_MS);
    }
    await Promise.all(acks);
}

async function settle(id) {
    const docs = people.map((person) => person[id]);
    while (new Set(docs.map((doc) => doc.version)).size > 1 || docs.some((doc) => doc.hasPending()))
        await pause(PAUSE_MS);
    return docs.map(({ version, data }) => ({ version, data }));
}

for (const person of people) {
    person.number = await open(person, 'number', { n: 0 }, TYPES.json0);
    person.text = await open(person, 'text', '', TYPES.text);
}
await Promise.all(people.map(edit));
const number = await settle('number');
const text = await settle('text');
const errors = people.flatMap(({ client }) => client.errors.map(String));
const added = people.reduce((sum, person) => sum + person.added, 0);
const tokens = people.flatMap((person) => person.tokens);
console.log(JSON.stringify({ number, text, errors, added, tokens }));
for (const { client } of people) client.close();
