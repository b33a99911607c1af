/** The hooks of client/bindings/react.js in React itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OUTPUT, raise, until } from './stage.js';

const stage = raise();
const { front } = stage;

async function arrive(tab, name) {
    const page = await stage.arrive();
    await page.goto(`${front.url}react.html?tab=${tab}&document=${name}`);
    await reads(page, '#sync', 'synced');
    return page;
}

const press = (page, name) => page.click(`button:text-is("${name}")`);
const reads = (page, where, text) =>
    until(page, ([at, want]) => document.querySelector(at)?.textContent === want, [where, text]);

async function leave(...pages) {
    for (const page of pages) {
        assert.deepEqual(await page.evaluate(() => globalThis.seen.errors), []);
        await stage.leave(page);
    }
}

test('Two people count in React, and each undoes only their own', async () => {
    const [anna, ben] = [await arrive('anna', 'count'), await arrive('ben', 'count')];
    await press(anna, 'more');
    await reads(ben, 'output', '1');
    assert.ok(await ben.isDisabled('button:text-is("undo")'), 'nothing of ones own to undo');
    await press(ben, 'more');
    for (const page of [anna, ben]) await reads(page, 'output', '2');
    await press(anna, 'undo');
    for (const page of [anna, ben]) await reads(page, 'output', '1');
    await press(anna, 'redo');
    for (const page of [anna, ben]) await reads(page, 'output', '2');
    await anna.screenshot({ path: `${OUTPUT}react.png` });
    await leave(anna, ben);
});

test('Who is here is shown, and who has gone no more', async () => {
    const [anna, ben] = [await arrive('anna', 'here'), await arrive('ben', 'here')];
    await press(anna, 'here');
    await reads(anna, '#own', 'anna');
    await reads(ben, '#others', 'anna');
    await press(ben, 'here');
    await reads(anna, '#others', 'ben');
    await leave(ben);
    await reads(anna, '#others', '');
    await leave(anna);
});

test('The light and the connection tell the truth over a cut', async () => {
    const page = await arrive('anna', 'cut');
    front.cut('anna');
    await reads(page, '#sync', 'offline');
    await until(page, () => document.querySelector('#status').textContent !== 'online');
    await press(page, 'more');
    await reads(page, 'output', '1');
    front.mend('anna');
    await reads(page, '#sync', 'synced');
    await reads(page, '#status', 'online');
    await leave(page);
});

test('A document is left with its component, and another name is another document', async () => {
    const page = await arrive('anna', 'leave');
    await press(page, 'more');
    await reads(page, '#sync', 'synced');
    await page.evaluate(() => (globalThis.seen.before = globalThis.seen.doc));
    await press(page, 'toggle');
    await until(page, () => globalThis.seen.before.error !== null);
    await press(page, 'toggle');
    await reads(page, 'output', '1');
    await press(page, 'other');
    await reads(page, 'output', '0');
    await leave(page);
});

test('Nothing is rendered when nothing changes', async () => {
    const page = await arrive('anna', 'calm');
    const renders = () => page.evaluate(() => globalThis.seen.renders);
    await press(page, 'here');
    await reads(page, '#own', 'anna');
    const begin = await renders();
    await page.evaluate(() => globalThis.seen.client.reconnect());
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    assert.equal(await renders(), begin);
    await leave(page);
});
