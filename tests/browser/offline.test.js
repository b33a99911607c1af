/** A text in browsers whose connections are cut, that are reloaded, closed and crash. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { numbersOf, OUTPUT, raise, SEED, STEPS, until } from './stage.js';

const WORDS = ['una ', 'due ', 'tre\n', 'ciao ', '😀', 'é', '漢字 '];

const stage = raise();
const { server, front } = stage;

async function arrive(page, tab, name) {
    await page.goto(`${front.url}text.html?tab=${tab}&document=${name}`);
    await until(page, () => globalThis.seen?.doc !== undefined);
    return page;
}

const is = (page, sync) => until(page, (want) => globalThis.seen.doc.sync === want, sync);
const dataOf = (page) => page.evaluate(() => globalThis.seen.doc.data);

/** What a person does at the end of the text. */
async function type(page, text) {
    await page.focus('textarea');
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(text);
}

/** Waits until the text is this. */
const reads = (page, text) => until(page, (want) => globalThis.seen.doc.data === want, text);

/** Something that a person does somewhere. */
async function act(page, below) {
    const place = below(1000) / 1000;
    await page.focus('textarea');
    await page.evaluate((at) => {
        const area = document.querySelector('textarea');
        const caret = Math.floor(at * (area.value.length + 1));
        area.setSelectionRange(caret, caret);
    }, place);
    const what = below(10);
    if (what < 7) await page.keyboard.insertText(WORDS[below(WORDS.length)]);
    else if (what < 9) await page.keyboard.press('Backspace');
    else await page.evaluate(() => void globalThis.seen.doc.undo.undo());
}

test('Two people type through cuts and restarts of the server, and read the same', async () => {
    const names = ['one', 'other'];
    const pages = [];
    for (const name of names) pages.push(await arrive(await stage.arrive(), name, 'random'));
    const below = numbersOf(SEED);
    for (let step = 0; step < STEPS; step++) {
        await act(pages[below(2)], below);
        if (below(12) === 0) front.drop(names[below(2)]);
        if (below(25) === 0) front.cut(names[below(2)]);
        if (below(10) === 0) names.forEach((name) => front.mend(name));
        if (step % 25 === 24) {
            await server.end('SIGKILL');
            await server.start();
        }
    }
    names.forEach((name) => front.mend(name));
    for (const page of pages) await is(page, 'synced');
    await reads(pages[0], await dataOf(pages[1]));
    for (const page of pages) {
        assert.deepEqual(await page.evaluate(() => globalThis.seen.errors), []);
        const area = await page.inputValue('textarea');
        assert.equal(area, await dataOf(page), 'the textarea shows something else');
    }
    for (const page of pages) await stage.leave(page);
});

test('Undo takes back only what one wrote oneself', async () => {
    const [one, other] = [
        await arrive(await stage.arrive(), 'undo0', 'undo'),
        await arrive(await stage.arrive(), 'undo1', 'undo'),
    ];
    await type(one, 'mine ');
    await reads(other, 'mine ');
    await type(other, 'yours ');
    await reads(one, 'mine yours ');
    await one.evaluate(() => {
        while (globalThis.seen.doc.undo.undo());
    });
    for (const page of [one, other]) await reads(page, 'yours ');
    await one.evaluate(() => {
        while (globalThis.seen.doc.undo.redo());
    });
    for (const page of [one, other]) {
        await reads(page, 'mine yours ');
        await stage.leave(page);
    }
});

test('A reload, and a crash, with offline edits loses nothing', async () => {
    const context = await stage.browser.newContext();
    let page = await arrive(await context.newPage(), 'r', 'reload');
    await type(page, 'online ');
    await is(page, 'synced');
    front.cut('r');
    await is(page, 'offline');
    await type(page, 'offline ');
    await page.screenshot({ path: `${OUTPUT}text-offline.png` });
    await page.reload();
    await until(page, () => globalThis.seen?.doc !== undefined);
    await reads(page, 'online offline ');
    await type(page, 'crash ');
    const stored = () =>
        page.evaluate(() => globalThis.seen.doc.store().then(() => globalThis.seen.errors));
    assert.deepEqual(await stored(), []);
    const crashed = page.waitForEvent('crash');
    page.goto('chrome://crash').catch(() => {});
    await crashed;
    page = await arrive(await context.newPage(), 'r', 'reload');
    await reads(page, 'online offline crash ');
    front.mend('r');
    await is(page, 'synced');
    const reader = await arrive(await stage.arrive(), 'reader', 'reload');
    assert.equal(await dataOf(reader), 'online offline crash ');
    await stage.leave(reader);
    await context.close();
});

test('Two tabs show what each other has pending, and it is sent once', async () => {
    const context = await stage.browser.newContext();
    const open = async () => arrive(await context.newPage(), 'p', 'twice');
    const tabs = [await open(), await open()];
    await type(tabs[0], 'both ');
    for (const page of tabs) await reads(page, 'both ');
    await is(tabs[0], 'synced');
    front.cut('p');
    for (const page of tabs) await is(page, 'offline');
    await type(tabs[0], 'first ');
    await reads(tabs[1], 'both first ');
    await type(tabs[1], 'second ');
    const both = () => /first .*second |second .*first /.test(globalThis.seen.doc.data);
    for (const page of tabs) await until(page, both);
    assert.equal(await dataOf(tabs[0]), await dataOf(tabs[1]));
    for (const page of tabs) {
        await page.evaluate(() => globalThis.seen.doc.store());
        await page.close();
    }
    const again = await open();
    await until(again, both);
    front.mend('p');
    await is(again, 'synced');
    await until(again, both);
    assert.equal((await dataOf(again)).length, 'both first second '.length, await dataOf(again));
    assert.deepEqual(await again.evaluate(() => globalThis.seen.refused), []);
    const third = await open();
    await is(third, 'synced');
    assert.equal(await dataOf(third), await dataOf(again));
    await context.close();
});
