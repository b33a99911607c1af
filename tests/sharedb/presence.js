/**
 * What ShareDB clients at one node of a cluster see of those at another.
 *
 *     node presence.js PORT PORT
 *
 * Anna, Cleo and Dora are at the first node, Ben is at the second. Prints `shown` when the first
 * may be killed, and in the end what Ben was told, as JSON.
 */
import { Person, TYPES, call, pause } from './clients.js';

const PAUSE_MS = 20;
const NEVER_MS = 2 ** 31 - 1;

const [first, second] = process.argv.slice(2);
const urlOf = (port) => `ws://127.0.0.1:${port}/sharedb`;

/** Somebody who does not come back when its node is gone. */
const person = (port) => new Person(urlOf(port), { again: () => NEVER_MS });

const [anna, cleo, ben] = [first, first, second].map(person);

/** Is at the first node, and at the second from then on. */
const ports = [first];
const dora = new Person(() => urlOf(ports.shift() ?? second));

const until = async (true_) => {
    while (!true_()) await pause(PAUSE_MS);
};

/** A channel as Ben sees it, and what he was told there. */
async function watch(presence) {
    const told = [];
    presence.on('receive', (id, value) => told.push([id, value]));
    await call(presence, 'subscribe');
    return { told, others: () => presence.remotePresences };
}

const submit = (local, value) => call(local, 'submit', value);

/* Anna comes, moves, goes and comes back; Cleo comes, and leaves for good. */
const room = await watch(ben.connection.getPresence('room'));
const own = anna.connection.getPresence('room').create('anna');
for (const [index, value] of [{ x: 1 }, { x: 2 }, null, { x: 3 }].entries()) {
    await submit(own, value);
    await until(() => room.told.length > index);
}
await submit(cleo.connection.getPresence('room').create('cleo'), 1);
await until(() => room.others().cleo);
cleo.close();
await until(() => !room.others().cleo);

/* Dora moves to Ben's node, and is seen there without saying it again. */
const theirs = dora.connection.getPresence('moving');
const moving = await watch(ben.connection.getPresence('moving'));
await call(theirs, 'subscribe');
await submit(theirs.create('dora'), 'here');
await until(() => moving.others().dora);
const { id } = dora.connection;
dora.cut();
const comings = () => moving.told.filter(([, value]) => value); /* it may have blinked */
await until(() => comings().length === 2 && dora.connection.id === id);

/* Ben comes late. */
await submit(anna.connection.getPresence('later').create('anna'), 'here already');
const later = await watch(ben.connection.getPresence('later'));
await until(() => later.told.length > 0);

/* A range in a text in which Ben writes; Anna has not heard of it when she shows it again. */
const doc = ben.get('nodes', 'rich');
await call(doc, 'create', [{ insert: 'Hello world' }], TYPES.rich);
await call(doc, 'subscribe');
await call(anna.get('nodes', 'rich'), 'subscribe');
const text = await watch(ben.connection.getDocPresence('nodes', 'rich'));
const cursor = anna.connection.getDocPresence('nodes', 'rich').create('cursor');
await submit(cursor, { index: 6, length: 5 });
await until(() => text.others().cursor);
await Promise.all([
    call(doc, 'submitOp', [{ insert: 'Oh! ' }]),
    submit(cursor, { index: 6, length: 1 }),
]);
await until(() => text.others().cursor?.index === 10 && text.others().cursor.length === 1);

/* Their node goes, and takes Anna along. */
console.log('shown');
await until(() => [room, later, text].every(({ others }) => Object.keys(others()).length === 0));
const told = { room: room.told, moving: comings(), later: later.told };
const errors = [anna, cleo, dora, ben].flatMap(({ errors }) => errors.map(String));
console.log(JSON.stringify({ ...told, errors }));
for (const who of [anna, dora, ben]) who.close();
