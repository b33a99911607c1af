/** The exercise of docs/kit.md: three tabs of one browser share a counter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OUTPUT, raise, until } from './stage.js';

let context;
const tabs = new Map();
const stage = raise(async () => {
    context = await stage.browser.newContext({ viewport: { width: 480, height: 320 } });
    for (const name of ['Anna', 'Ben', 'Clara']) await arrive(name);
});
const { front } = stage;

/** A person's tab, ready. */
async function arrive(name) {
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(String(error)));
    await page.goto(`${front.url}counter.html?tab=${name}`);
    await until(page, () => globalThis.seen?.counter !== undefined);
    tabs.set(name, page);
    return page;
}

const add = (page, times = 1) =>
    page.evaluate((count) => {
        const button = document.querySelector('kit-counter').shadowRoot.querySelector('button');
        for (let i = 0; i < count; i++) button.click();
    }, times);

const shows = (page, value) =>
    until(
        page,
        (want) => {
            const { shadowRoot } = document.querySelector('kit-counter');
            return shadowRoot.querySelector('output').textContent === String(want);
        },
        value,
    );

const saysOf = (page, part, text) =>
    until(
        page,
        ([id, want]) =>
            document.querySelector('kit-counter').shadowRoot.querySelector(id).textContent === want,
        [part, text],
    );

const events = (page, name) =>
    page.evaluate((which) => globalThis.seen.events.filter(([one]) => one === which), name);

const synced = (page) => until(page, () => globalThis.seen.counter.sync === 'synced');

test('Three tabs show the same value, who is there and who counted last', async (t) => {
    const [anna, ben, clara] = tabs.values();
    for (const page of tabs.values()) await saysOf(page, '#users', '3 here');
    for (const page of tabs.values()) await synced(page);
    const latencies = [];
    let bytes = structuredClone([...front.bytes.values()]);
    for (let value = 1; value <= 20; value++) {
        await add(anna);
        for (const page of tabs.values()) await shows(page, value);
    }
    await synced(anna);
    bytes = [...front.bytes.values()].map(({ up, down }, i) => ({
        up: up - bytes[i].up,
        down: down - bytes[i].down,
    }));
    const sent = await events(anna, 'counter.incremented');
    for (const page of [ben, clara]) {
        const received = await events(page, 'realtime.update_received');
        received.forEach(([, , at], i) => latencies.push(at - sent[i][2]));
    }
    latencies.sort((a, b) => a - b);
    t.diagnostic(`an increment is in another tab after ${latencies[20]} ms (median of 40)`);
    t.diagnostic(`bytes of an increment: ${bytes[0].up / 20} up, ${bytes[1].down / 20} down`);
    for (const page of [ben, clara]) await saysOf(page, '#last', 'last: Anna');
    assert.equal(sent.length, 20);
    assert.equal((await events(ben, 'realtime.update_received'))[0][1].size, 1);
    const users = (await events(ben, 'realtime.presence_updated')).at(-1)[1].users;
    assert.deepEqual(users.map(({ name }) => name).sort(), ['Anna', 'Ben', 'Clara']);
    await ben.screenshot({ path: `${OUTPUT}kit-counter.png` });
});

test('Simultaneous increments give the correct sum', async () => {
    const begin = await tabs.get('Ben').evaluate(() => globalThis.seen.counter.value);
    await Promise.all([...tabs.values()].map((page, i) => add(page, 30 + i)));
    for (const page of tabs.values()) await shows(page, begin + 93);
});

test('A tab that went offline and was closed comes back with what it counted', async () => {
    const anna = tabs.get('Anna');
    for (const page of tabs.values()) await synced(page);
    const begin = await anna.evaluate(() => globalThis.seen.counter.value);
    front.cut('Clara');
    const clara = tabs.get('Clara');
    await until(clara, () => globalThis.seen.counter.sync === 'offline');
    await add(clara, 5);
    await shows(clara, begin + 5);
    await clara.screenshot({ path: `${OUTPUT}kit-counter-offline.png` });
    for (const page of [anna, tabs.get('Ben')]) await saysOf(page, '#users', '2 here');
    await clara.close();
    await add(anna, 2);
    await shows(tabs.get('Ben'), begin + 2);
    const again = await arrive('Clara');
    await shows(again, begin + 5);
    const status = await again.evaluate(() => globalThis.seen.client.status.state);
    assert.notEqual(status, 'online', 'it shows what it knows');
    front.mend('Clara');
    for (const page of tabs.values()) await shows(page, begin + 7);
    for (const page of tabs.values()) await saysOf(page, '#users', '3 here');
});
