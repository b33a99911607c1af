/** The canvas of the demo: two people, each in a browser profile of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OUTPUT, raise, until } from './stage.js';

let one;
let other;
const stage = raise(async () => {
    [one, other] = [await arrive(), await arrive()];
});
const { server } = stage;

async function arrive() {
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 1000 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(String(error)));
    await page.goto(server.url);
    await synced(page);
    return page;
}

const synced = (page) => page.waitForSelector('#light[data-sync=synced]', { timeout: 20000 });
const object = (page, id) => page.locator(`[data-id="${id}"]`);

/** The tree as the page shows it: who is in whom, in which order and where. */
const shown = (page) =>
    page.evaluate(() => {
        const tree = (element) =>
            [...element.children]
                .filter(({ dataset }) => dataset.id)
                .map((child) => [
                    child.dataset.id,
                    child.style.getPropertyValue('--x'),
                    child.style.getPropertyValue('--y'),
                    child.firstElementChild.textContent,
                    tree(child),
                ]);
        return JSON.stringify(tree(document.getElementById('stage')));
    });

async function converged() {
    for (const page of [one, other]) await synced(page);
    for (let tries = 0; tries < 100 && (await shown(one)) !== (await shown(other)); tries++)
        await one.waitForTimeout(50);
    assert.equal(await shown(one), await shown(other));
}

/** Drag an object's middle to that of another one. */
async function drag(page, id, onto) {
    const from = await object(page, id).boundingBox();
    const to = await object(page, onto).boundingBox();
    const [x, y] = [to.width / 2, to.height / 2];
    await page.mouse.move(from.x + from.width / 2, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(to.x + x, to.y + y - from.height / 2 + 8, { steps: 4 });
    await page.mouse.up();
}

const isIn = (page, id, parent) =>
    until(
        page,
        ([child, wanted]) => {
            const above = document.querySelector(`[data-id="${child}"]`)?.parentElement;
            return (above?.dataset.id ?? above?.id) === wanted;
        },
        [id, parent],
    );

const offline = async (...pages) => {
    for (const page of pages) await page.click('#offline');
};

test('What is dragged into a group is so for everybody, and one undo takes it back', async () => {
    const before = await shown(one);
    await drag(one, 'oboe', 'winds');
    await isIn(other, 'oboe', 'winds');
    await until(other, () => document.querySelector('.held')?.dataset.id === 'oboe');
    await converged();
    await one.screenshot({ path: `${OUTPUT}canvas.png` });
    await one.click('#undo');
    await converged();
    assert.equal(await shown(other), before);
});

test('Two groups that are moved into each other at once make no cycle', async () => {
    await offline(one, other);
    await drag(one, 'strings', 'winds');
    await drag(other, 'winds', 'strings');
    await isIn(one, 'strings', 'winds');
    await isIn(other, 'winds', 'strings');
    await offline(one, other);
    await converged();
    const tree = await shown(one);
    for (const id of ['strings', 'winds', 'violin', 'oboe']) assert.ok(tree.includes(id), tree);
    await one.click('#undo');
    await other.click('#undo');
    await converged();
    await isIn(one, 'strings', 'stage');
    await isIn(one, 'winds', 'stage');
});

test('Who undoes a delete gets what the other one edited inside meanwhile', async () => {
    await offline(other);
    await object(other, 'violin').focus();
    await other.fill('#words', 'still here');
    await object(one, 'strings').focus();
    await one.keyboard.press('Delete');
    await until(one, () => document.querySelector('[data-id=violin]') === null);
    await synced(one);
    await offline(other);
    await until(other, () => document.querySelector('[data-id=violin]') === null);
    await converged();
    await one.click('#undo');
    await isIn(other, 'violin', 'strings');
    await converged();
});

test('The keyboard alone moves, orders, words, groups and deletes', async () => {
    await one.locator('#note').focus();
    await one.keyboard.press('Enter');
    const id = await one.evaluate(() => document.activeElement.dataset.id);
    const left = () => object(one, id).evaluate((e) => Number(e.style.getPropertyValue('--x')));
    const begin = await left();
    await one.keyboard.press('ArrowRight');
    await one.keyboard.press('Shift+ArrowLeft');
    assert.equal(await left(), begin + 9);
    await one.keyboard.press('[');
    assert.equal(await one.evaluate(() => document.activeElement.dataset.id), id, 'focus is lost');
    await one.keyboard.press('Enter');
    await one.keyboard.type('by hand');
    await one.keyboard.press('Tab');
    await one.locator('#inside').selectOption({ label: 'group “Winds”' });
    await isIn(other, id, 'winds');
    const label = await object(other, id).getAttribute('aria-label');
    assert.equal(label, 'note “by hand”, in group “Winds”');
    await object(one, id).focus();
    await one.keyboard.press('Delete');
    await until(other, (gone) => document.querySelector(`[data-id="${gone}"]`) === null, id);
    await converged();
});
