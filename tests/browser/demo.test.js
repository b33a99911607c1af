import assert from 'node:assert/strict';
import { test } from 'node:test';

import { faultsOf, numbersOf, OUTPUT, raise, SEED, STEPS } from './stage.js';

const WORDS = ['una ', 'due ', 'tre\n', 'ciao ', '😀', 'é', '👩‍👩‍👧 ', 'x', '漢字 '];
/** What Chromium says when a server was killed: it is reset while the sockets of that one are taken
 * away, and refused afterwards. */
const NOBODY = /^WebSocket connection to .* failed: .*ERR_CONNECTION_(REFUSED|RESET)/;
const real = process.env.TUTTID !== 'reference';

const stage = raise();
const { server } = stage;

/** One person's tab of the demo, in a browser profile of its own. */
class Tab {
    errors = [];

    static async open(options) {
        const tab = new Tab();
        tab.page = await stage.arrive(options);
        tab.page.on('pageerror', (error) => tab.errors.push(String(error)));
        tab.page.on('console', (message) => {
            if (message.type() === 'error') tab.errors.push(message.text());
        });
        await tab.page.goto(server.url);
        await tab.page.locator('#text').isEnabled();
        await tab.synced();
        return tab;
    }

    get area() {
        return this.page.locator('#text');
    }

    text() {
        return this.area.inputValue();
    }

    async count() {
        const text = await this.page.locator('#count').textContent();

        return Number(text.replace('−', '-'));
    }

    synced() {
        return this.page.waitForSelector('#light[data-sync=synced]', { timeout: 20000 });
    }

    /** One thing that a person does at the keyboard. */
    async type(below) {
        const { keyboard } = this.page;
        await this.area.focus();
        const what = below(10);
        if (what < 6) await keyboard.insertText(WORDS[below(WORDS.length)]);
        else if (what < 7) await keyboard.press('Backspace');
        else if (what < 8) await keyboard.press('Delete');
        else await this.area.evaluate(setCaret, below(1000) / 1000);
    }

    async close() {
        await stage.leave(this.page);
        assert.deepEqual(this.errors, []);
    }
}

/** In the page: put the caret somewhere, and maybe select a little. */
function setCaret(area, place) {
    const at = Math.floor(place * (area.value.length + 1));
    area.setSelectionRange(at, Math.min(area.value.length, at + (at % 3)));
}

/** Waits until both show the same; what they show. */
async function converged(one, other) {
    await one.synced();
    await other.synced();
    for (let tries = 0; tries < 100; tries++) {
        if ((await one.text()) === (await other.text())) break;
        await one.page.waitForTimeout(50);
    }
    assert.equal(await one.text(), await other.text());
    return one.text();
}

test('Two tabs that type at once show the same text', async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    const people = [one, other].map(async (tab, index) => {
        const below = numbersOf(SEED * 2 + index);
        for (let step = 0; step < STEPS; step++) await tab.type(below);
    });
    await Promise.all(people);
    const text = await converged(one, other);
    assert.ok(text.length > 50, text);
    assert.ok(text.isWellFormed?.() ?? true);
    const third = await Tab.open();
    assert.equal(await third.text(), text, 'who comes later sees another text');
    for (const tab of [one, other, third]) await tab.close();
});

test('Increments from two tabs at once sum up', async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    const begin = await one.count();
    const press = (tab, id, count) =>
        tab.page.evaluate(
            ([which, times]) => {
                for (let i = 0; i < times; i++) document.getElementById(which).click();
            },
            [id, count],
        );
    await Promise.all([press(one, 'more', 40), press(other, 'more', 25), press(other, 'less', 7)]);
    for (const tab of [one, other]) {
        await tab.page.waitForFunction(
            (want) => document.getElementById('count').textContent.replace('−', '-') === want,
            String(begin + 58),
        );
        await tab.synced();
        await tab.close();
    }
});

test('The caret stays at its word while others type before it', async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    await one.area.fill('😀 before | after');
    await converged(one, other);
    await one.area.evaluate((area) => area.setSelectionRange(10, 11));
    await other.area.evaluate((area) => area.setSelectionRange(0, 0));
    await other.area.focus();
    await other.page.keyboard.insertText('👩‍👩‍👧 new ');
    await converged(one, other);
    const selected = await one.area.evaluate((area) =>
        area.value.slice(area.selectionStart, area.selectionEnd),
    );
    assert.equal(selected, '|');
    for (const tab of [one, other]) await tab.close();
});

test('A composition goes on while others type, and both are kept', async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    await one.area.fill('ab');
    await converged(one, other);
    await one.area.evaluate((area) => area.setSelectionRange(1, 1));
    await one.area.focus();
    const ime = await one.page.context().newCDPSession(one.page);
    await ime.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 });
    await other.area.evaluate((area) => area.setSelectionRange(0, 0));
    await other.area.focus();
    await other.page.keyboard.insertText('😀');
    await other.page.waitForFunction(() => document.getElementById('text').value === '😀aかb');
    assert.equal(await one.text(), 'aかb', 'the text under a composition changed');
    await ime.send('Input.imeSetComposition', { text: '感', selectionStart: 1, selectionEnd: 1 });
    await ime.send('Input.insertText', { text: '感' });
    assert.equal(await converged(one, other), '😀a感b');
    const caret = await one.area.evaluate((area) => area.selectionStart);
    assert.equal(caret, '😀a感'.length);
    for (const tab of [one, other]) await tab.close();
});

test('What is typed while the server is gone is there later', { skip: !real }, async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    await one.area.fill('before ');
    const begin = await one.count();
    await converged(one, other);
    await server.end('SIGKILL');
    for (const tab of [one, other]) await tab.page.waitForSelector('#light[data-sync=offline]');
    for (const [tab, word] of [[one, 'left '], [other, 'right ']]) {
        await tab.area.focus();
        await tab.page.keyboard.press('Control+End');
        await tab.page.keyboard.insertText(word);
        await tab.page.click('#more');
    }
    await server.start();
    const text = await converged(one, other);
    for (const tab of [one, other]) tab.errors = tab.errors.filter((text) => !NOBODY.test(text));
    assert.ok(['before left right ', 'before right left '].includes(text), text);
    for (const tab of [one, other]) {
        await tab.page.waitForFunction(
            (want) => document.getElementById('count').textContent.replace('−', '-') === want,
            String(begin + 2),
        );
        await tab.close();
    }
});

test('The switch cuts the line, and what was done meanwhile is sent when it is back', async () => {
    const [one, other] = [await Tab.open(), await Tab.open()];
    await one.area.fill('');
    await converged(one, other);
    const begin = await one.count();
    await one.page.click('#offline');
    await one.page.waitForSelector('#light[data-sync=offline]');
    await one.area.fill('alone');
    await one.page.click('#more');
    await other.page.click('#more');
    await other.page.waitForFunction(() => document.getElementById('here').textContent === '1');
    await other.synced();
    assert.equal(await other.text(), '');
    await one.page.click('#offline');
    assert.equal(await converged(one, other), 'alone');
    for (const tab of [one, other])
        await tab.page.waitForFunction(
            (want) => document.getElementById('count').textContent === want,
            String(begin + 2).replace('-', '−'),
        );
    const cost = await one.page.locator('#cost').textContent();
    assert.match(cost, /^\d+(\.\d)? out · \d+(\.\d)? in$/);
    assert.notEqual(await other.page.locator('#last').textContent(), 'nobody yet');
    for (const tab of [one, other]) await tab.close();
});

test('The keyboard alone reaches everything', async () => {
    const tab = await Tab.open();
    const reached = [];
    for (let step = 0; step < 5; step++) {
        await tab.page.keyboard.press('Tab');
        reached.push(await tab.page.evaluate(() => document.activeElement.id));
    }
    assert.deepEqual(reached, ['offline', 'another', 'less', 'more', 'text']);
    await tab.page.keyboard.press('Shift+Tab');
    const begin = await tab.count();
    await tab.page.keyboard.press('Enter');
    assert.equal(await tab.count(), begin + 1);
    await tab.close();
});

for (const colorScheme of ['light', 'dark'])
    for (const [width, height] of [[1280, 800], [390, 844]])
        test(`The page fits ${width} pixels, ${colorScheme}`, async () => {
            const tab = await Tab.open({ colorScheme, viewport: { width, height } });
            const other = await Tab.open();
            await tab.area.fill('Tutti insieme.\n\nTwo people: each sees the other’s words 😀');
            await converged(tab, other);
            await other.area.focus();
            await other.area.evaluate((area) => area.setSelectionRange(16, 26));
            await tab.page.waitForSelector('#carets mark');
            await tab.page.click('#more');
            await tab.synced();
            const path = `${OUTPUT}demo-${width}-${colorScheme}.png`;
            await tab.page.screenshot({ path, fullPage: true });
            assert.deepEqual(await faultsOf(tab.page), []);
            await other.close();
            const wide = await tab.page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(wide <= width, `it is ${wide} wide`);
            await tab.close();
        });
