/** The inspector, while people edit: clients in this process, the page in Chromium. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connect } from '../../client/src/index.js';
import { faultsOf, OUTPUT, raise, until } from './stage.js';

const skip = process.env.TUTTID === 'reference' && 'the stand-in has no inspector';
const HOSTILE = '<img src=x onerror="seen.push(1)">\u202etxt';

const people = [];
let page;
const errors = [];
const stage = raise(async () => {
    if (skip) return;
    page = await stage.arrive({ viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
        const isAnswer = message.text().startsWith('Failed to load resource'); /* a 404, or none */
        if (message.type() === 'error' && !isAnswer) errors.push(message.text());
    });
});
const { server } = stage;

after(() => Promise.all(people.map((client) => client.close())));

/** Somebody who has a text open. */
async function person(name) {
    const client = connect(server.url.replace('http', 'ws'));
    people.push(client);
    const doc = await client.open(name, { type: 'text', create: true });
    return { client, doc, who: client.who };
}

/** Two that have it open, and have written at once; the seq of the last edit. */
async function pair(name) {
    const [anna, ben] = [await person(name), await person(name)];
    await anna.doc.submit(['Dinner at eight ']);
    return { anna, ben, seq: await atOnce(anna, ben) };
}

/** Both write before either has seen the other's: the second one is moved. */
async function atOnce(anna, ben, times = 3) {
    let seq = 0;
    for (let i = 0; i < times; i++) {
        const made = [anna.doc.submit([`a${i} `]), ben.doc.submit([`b${i} `])];
        seq = Math.max(...(await Promise.all(made)).map((each) => each.seq));
    }
    return seq;
}

const goTo = (name) => page.goto(`${server.adminUrl}#${name}`);
const seqs = () =>
    page.$$eval('#log li:not([hidden]) .seq', (all) => all.map((one) => Number(one.textContent)));
const shows = (seq) =>
    until(page, (want) => document.querySelector('#log .seq')?.textContent === want, String(seq));
const fact = (list, term) =>
    page.evaluate(
        ([id, want]) =>
            [...document.querySelectorAll(`#${id} div`)].find(
                ({ firstChild }) => firstChild.textContent === want,
            )?.lastChild.textContent,
        [list, term],
    );

test('A document is followed live, with what each edit was moved over', { skip }, async () => {
    await goTo('notes/live');
    const { anna, ben, seq } = await pair('notes/live');
    await shows(seq);
    assert.deepEqual(await seqs(), Array.from({ length: seq }, (_, at) => seq - at));
    const moved = page.locator('#log li', { has: page.locator('.passed') });
    assert.ok((await moved.count()) > 0, 'nothing was moved');
    const [text] = await moved.first().locator('.hidden').allTextContents();
    const [, base, over, who] = /^on (\d+), moved over (\d+) by (\S+)$/.exec(text);
    assert.equal(Number(over), Number(base) + 1);
    assert.ok([anna.who, ben.who].includes(who), text);
    const title = await moved.first().locator('.passed title').textContent();
    assert.equal(title, `${over} by ${who}`);
    await until(page, () => document.querySelectorAll('#sessions tr').length === 2);
    const [named] = await page.locator('#sessions .person').allTextContents();
    assert.equal(named, anna.who);
    await until(
        page,
        (want) => document.querySelector('#document-facts').textContent.includes(want),
        `Committed head${seq}`,
    );
});

for (const colorScheme of ['light', 'dark'])
    for (const [width, height] of [[1280, 900], [390, 844]])
        test(`It fits ${width} pixels, ${colorScheme}`, { skip }, async () => {
            const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
            await page.setViewportSize({ width, height });
            for (const [name, hash] of [['document', '#notes/live'], ['documents', '#']]) {
                await page.evaluate((to) => (location.hash = to), hash);
                const there = hash === '#' ? '#documents a' : '#log .entry';
                await page.waitForSelector(there);
                if (hash !== '#') await page.locator('#log .entry').nth(1).click();
                const path = `${OUTPUT}inspector-${name}-${width}-${colorScheme}.png`;
                await page.screenshot({ path, fullPage: true });
                assert.deepEqual(await faultsOf(page), []);
                assert.ok((await wide()) <= width, `it is ${await wide()} wide`);
            }
        });

test('Figures and charts tell what is done', { skip }, async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    const label = () => page.locator('#charts svg').nth(1).getAttribute('aria-label');
    const [anna, ben] = [await person('notes/figures'), await person('notes/figures')];
    let busy = true;
    const work = (async () => {
        while (busy) await atOnce(anna, ben, 1);
    })();
    await until(page, () =>
        /now [1-9].*at most [1-9]/.test(document.querySelectorAll('#charts svg')[1].ariaLabel),
    );
    await until(page, () => document.querySelectorAll('#charts .line')[1].getAttribute('d') !== '');
    await until(page, () =>
        [...document.querySelectorAll('#documents tr')].some(
            ({ cells }) => cells[0].textContent === 'notes/figures' && cells[5].textContent !== '–',
        ),
    );
    busy = false;
    await work;
    assert.match(await label(), /^Committed \/s: now .*, at most .* in the last two minutes$/);
    assert.equal(await fact('totals', 'Diverged'), '0');
});

test('Documents are sorted by any column, and found by how they begin', { skip }, async () => {
    const names = () => page.$$eval('#documents th', (all) => all.map((one) => one.textContent));
    await person('other/one');
    await until(page, () => document.querySelectorAll('#documents tr').length >= 3);
    const sorted = [...(await names())].sort();
    assert.deepEqual(await names(), sorted);
    await page.click('#documents-head button:text("Document")');
    assert.deepEqual(await names(), sorted.reverse());
    await page.click('#documents-head button:text("Head")');
    const heads = await page.$$eval('#documents tr', (all) =>
        all.map(({ cells }) => Number(cells[3].textContent.replace(',', ''))),
    );
    assert.deepEqual(heads, [...heads].sort((a, b) => b - a));
    await page.fill('#filter', 'other/');
    await until(page, () => document.querySelectorAll('#documents tr').length === 1);
    assert.deepEqual(await names(), ['other/one']);
    await page.fill('#filter', '');
});

test('A pause keeps the rows where they are, and loses nothing', { skip }, async () => {
    await goTo('notes/pause');
    const { anna, ben, seq } = await pair('notes/pause');
    await shows(seq);
    await page.click('#pause');
    const before = await seqs();
    const last = await atOnce(anna, ben, 2);
    const told = (count) => document.querySelector('#pause-told').textContent.includes(count);
    await until(page, told, 'paused, 4 came since');
    assert.deepEqual(await seqs(), before);
    await page.click('#pause');
    await shows(last);
    assert.deepEqual(await seqs(), Array.from({ length: last }, (_, at) => last - at));
    await page.locator('#log .entry').first().click();
    assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true');
    const command = await page.locator('.command code').textContent();
    assert.equal(command, `tutti explain --store data notes/pause ${last}`);
    await page.click('#pause');
});

test('Only one author is shown when one asks for that', { skip }, async () => {
    await goTo('notes/authors');
    const { anna, ben, seq } = await pair('notes/authors');
    await shows(seq);
    const all = await seqs();
    await page.selectOption('#author', ben.who);
    const his = await page.$$eval('#log li:not([hidden]) .person', (rows) =>
        rows.map((row) => row.textContent),
    );
    assert.ok(his.length > 0 && his.every((who) => who === ben.who), his.join());
    const next = await atOnce(anna, ben, 1);
    await shows(next);
    assert.equal((await seqs()).length, his.length + 1);
    await page.selectOption('#author', '');
    assert.equal((await seqs()).length, all.length + 2);
});

test('When the server is away that is said, and afterwards it goes on', { skip }, async () => {
    await goTo('notes/away');
    const { anna, ben, seq } = await pair('notes/away');
    await shows(seq);
    await server.end('SIGKILL');
    await page.waitForSelector('#light[data-sync=offline]');
    assert.equal(await page.locator('#light-text').textContent(), 'no answer');
    assert.ok((await seqs()).length > 0, 'what was shown is gone');
    await server.start();
    await page.waitForSelector('#light[data-sync=synced]');
    const last = await atOnce(anna, ben, 1);
    await shows(last);
    assert.deepEqual(await seqs(), Array.from({ length: last }, (_, at) => last - at));
});

test('A name and an operation that are markup are shown as they are', { skip }, async () => {
    await page.evaluate(() => (globalThis.seen = []));
    const { doc } = await person(`notes/${HOSTILE}`);
    await doc.submit([HOSTILE]);
    await page.evaluate(() => (location.hash = '#'));
    const shown = `notes/${HOSTILE.replace('\u202e', '\\u202e')}`;
    const link = page.locator('#documents a', { hasText: shown });
    await link.click();
    await until(page, () => document.querySelectorAll('#log .entry').length > 1);
    assert.equal(await page.locator('#name').textContent(), shown);
    assert.match(await page.locator('#log .operation').first().textContent(), /<img src=x onerror/);
    await page.locator('#log .entry').first().click();
    const command = await page.locator('.command code').textContent();
    assert.equal(command, `tutti explain --store data $'${shown}' 2`);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(await page.evaluate(() => globalThis.seen), []);
    await page.screenshot({ path: `${OUTPUT}inspector-hostile.png` });
});

test('The keyboard alone reaches everything', { skip }, async () => {
    const focused = () =>
        page.evaluate(() => {
            const { id, textContent, parentElement } = document.activeElement;
            return id || parentElement.id || textContent;
        });
    const tabTo = async (want) => {
        for (let tabs = 0; (await focused()) !== want; tabs++) {
            assert.ok(tabs < 30, `${want} is not reached`);
            await page.keyboard.press('Tab');
        }
    };
    await page.goto('about:blank');
    await goTo('');
    await page.waitForSelector('#documents a');
    await tabTo('filter');
    await page.keyboard.type('notes/live');
    await until(page, () => document.querySelectorAll('#documents tr').length === 1);
    await tabTo('Readers');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#documents-head th[aria-sort=descending]');
    await tabTo('notes/live');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#log .entry');
    assert.equal(await focused(), 'name');
    await tabTo('author');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'pause');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    const at = () => page.evaluate(() => document.activeElement.querySelector('.seq').textContent);
    const top = Number(await at());
    await page.keyboard.press('ArrowDown');
    assert.equal(Number(await at()), top - 1);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.details');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Copy');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('End');
    assert.equal(Number(await at()), 1);
    for (let tabs = 0; (await focused()) !== 'All documents'; tabs++) {
        assert.ok(tabs < 12, 'no way back');
        await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('#all:not([hidden])');
    assert.equal(await focused(), 'all-title');
    assert.deepEqual(errors, []);
});
