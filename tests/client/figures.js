/**
 * The figures of docs/kit.md: a counter with a hundred concurrent users, a server that is down for
 * a minute, and what an increment costs. Prints them; checks that the sums are right.
 *
 *   TUTTID=build-release/server/tuttid node tests/client/figures.js [SECONDS-DOWN]
 */
import assert from 'node:assert/strict';

import { connect } from '../../client/src/index.js';
import { Server } from '../browser/server.js';

const USERS = 100;
const ROUNDS = 50;
const DOWN_MS = 1000 * Number(process.argv[2] ?? 60);

const server = new Server();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (sorted, part) => sorted[Math.floor((sorted.length - 1) * part)].toFixed(1);

/** A user, with what the last increment of anybody took to arrive here. */
class User {
    async arrive(url) {
        this.client = connect(url);
        this.counter = await this.client.open('kit/counter', { type: 'counter', create: true });
    }
}

/** Resolves when all show the value. */
async function all(users, value) {
    for (const { counter } of users)
        while (counter.data !== value || counter.sync !== 'synced')
            await new Promise((resolve) => {
                const stop = ['change', 'sync'].map((event) => counter.on(event, done));
                function done() {
                    stop.forEach((forget) => forget());
                    resolve();
                }
            });
}

function print(name, milliseconds) {
    const sorted = [...milliseconds].sort((a, b) => a - b);
    const parts = [0.5, 0.99, 1].map((part) => percentile(sorted, part));
    console.log(`${name}: median ${parts[0]} ms, 99 % ${parts[1]} ms, most ${parts[2]} ms`);
}

await server.start();
const users = Array.from({ length: USERS }, () => new User());
await Promise.all(users.map((user) => user.arrive(server.url.replace('http', 'ws'))));
let sum = 0;

const durable = [];
const everywhere = [];
for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    sum++;
    await users[round].counter.submit(1);
    durable.push(performance.now() - begin);
    await all(users, sum);
    everywhere.push(performance.now() - begin);
}
print('one of a hundred increments: durable', durable);
print('and shown by all hundred', everywhere);

const together = [];
for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    sum += USERS;
    await Promise.all(users.map(({ counter }) => counter.submit(1)));
    await all(users, sum);
    together.push(performance.now() - begin);
}
print('a hundred increments at once: all durable and shown by all', together);

await server.end('SIGKILL');
const begin = performance.now();
while (performance.now() - begin < DOWN_MS) {
    for (const { counter } of users) counter.submit(1);
    sum += USERS;
    await pause(1000);
}
const counts = users.map(({ counter }) => counter.sync);
assert.ok(counts.every((sync) => sync === 'offline'), 'a light lied');
await server.start();
const back = performance.now();
const returned = users.map(async ({ client, counter }) => {
    while (!client.online) await new Promise((resolve) => client.on('status', resolve));
    await counter.saved();
    return performance.now() - back;
});
print('after the server is back: a user is saved again', await Promise.all(returned));
await all(users, sum);
console.log(`the sum is ${sum}, everywhere`);
await Promise.all(users.map(({ client }) => client.close()));
await server.close();
