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
    const page = await stage.arrive();
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

test('A group that is deleted while somebody edits in it comes back by undo', async () => {
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

const isGone = (page, id) =>
    until(page, (gone) => document.querySelector(`[data-id="${gone}"]`) === null, id);

/** A note that is put into a group at once; its id. */
async function addInto(page, group) {
    await page.click('#note');
    const id = await page.evaluate(() => document.activeElement.dataset.id);
    await page.locator('#inside').selectOption({ label: group });
    await isIn(page, id, 'strings');
    return id;
}

test('What is made and moved in a group that somebody deletes goes and comes with it', async () => {
    await offline(one);
    const id = await addInto(other, 'group “Strings”');
    await object(other, 'violin').focus();
    await other.keyboard.press('ArrowDown');
    await synced(other);
    const before = await shown(other);
    await object(one, 'strings').focus();
    await one.keyboard.press('Delete');
    await offline(one);
    for (const page of [one, other]) await isGone(page, id);
    await converged();
    await one.click('#undo');
    await isIn(other, id, 'strings');
    await converged();
    assert.equal(await shown(one), before);
});

test('What is made and moved in a group that is deleted already does no harm', async () => {
    const before = await shown(one);
    await offline(other);
    const id = await addInto(other, 'group “Strings”');
    await object(other, 'violin').focus();
    await other.keyboard.press('ArrowDown');
    await object(one, 'strings').focus();
    await one.keyboard.press('Delete');
    await synced(one);
    await offline(other);
    await converged();
    await isIn(one, id, 'stage');
    await isGone(other, 'violin');
    await one.click('#undo');
    await isIn(other, 'violin', 'strings');
    await object(other, id).focus();
    await other.keyboard.press('Delete');
    await isGone(one, id);
    await converged();
    assert.equal(await shown(one), before);
});

test('The keyboard alone makes, moves, orders, words, groups, deletes and takes back', async () => {
    const focused = () => one.evaluate(() => document.activeElement.dataset.id ?? null);
    const press = async (...keys) => {
        for (const key of keys) await one.keyboard.press(key);
    };
    await one.reload();
    await synced(one);
    for (let tabs = 0; !(await one.evaluate(() => document.activeElement.id === 'note')); tabs++) {
        assert.ok(tabs < 12, 'the toolbar is not reached');
        await press('Tab');
    }
    await press('Enter');
    const id = await focused();
    const left = () => object(one, id).evaluate((e) => Number(e.style.getPropertyValue('--x')));
    const begin = await left();
    await press('ArrowRight', 'Shift+ArrowLeft');
    assert.equal(await left(), begin + 9);
    await press('[');
    assert.equal(await focused(), id, 'focus is lost');
    await until(other, (own) => document.querySelector('#stage .object').dataset.id === own, id);
    await press(']');
    await until(other, (own) => document.querySelector('#stage').lastChild.dataset.id === own, id);
    await press('Enter');
    await one.keyboard.type('by hand');
    await press('Tab', 'ArrowDown', 'ArrowDown');
    await isIn(other, id, 'winds');
    const label = await object(other, id).getAttribute('aria-label');
    assert.equal(label, 'note “by hand”, in group “Winds”');
    await press('Escape');
    assert.equal(await focused(), id, 'Escape does not lead back');
    await press('Control+z');
    await isIn(other, id, 'strings');
    await press('Control+z');
    await isIn(other, id, 'stage');
    await press('Control+Shift+Z');
    await isIn(other, id, 'strings');
    await press('Delete');
    await isGone(other, id);
    await press('Control+z');
    await isIn(other, id, 'strings');
    await press('Control+Shift+Z');
    await isGone(other, id);
    await converged();
});
