/** The page of `tutti replay --html`, of the incident that docs/debugging.md tells of. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { launch, OUTPUT } from './stage.js';

const STAGED = fileURLToPath(new URL('../system/debugging.py', import.meta.url));
const { TUTTID, TUTTI = TUTTID.replace(/server\/tuttid$/, 'tools/tutti') } = process.env;
const skip = TUTTID === 'reference' && 'the stand-in is not captured';
const folder = mkdtempSync(join(tmpdir(), 'tutti-replay-'));
const path = join(folder, 'page.html');
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
    if (skip) return;
    execFileSync('python3', ['-B', STAGED, TUTTID, TUTTI, path]);
    browser = await launch();
});

after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
});

async function open(width, height) {
    const page = await browser.newPage({ viewport: { width, height } });
    page.errors = [];
    page.on('pageerror', (error) => page.errors.push(String(error)));
    await page.goto(pathToFileURL(path).href);
    return page;
}

/** By how much the page is wider than its window. */
const overflow = (page) =>
    page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

for (const [name, width, height] of [
    ['wide', 1280, 800],
    ['small', 390, 844],
])
    test(`tells how an operation was moved, on a ${name} screen`, { skip }, async () => {
        const page = await open(width, height);
        const detail = page.locator('#detail');

        assert.match(await page.locator('#title').textContent(), /notes\/dinner/);
        assert.equal(await page.locator('#timeline circle').count(), 9);

        await page.locator('#operation-4').click();
        assert.match(await detail.textContent(), /\[14," sharp"\].*\[16," sharp"\]/s);
        await page.locator('#seq').fill('8');
        await page.locator('#seq').press('Enter');
        assert.equal(await detail.locator('ins, del').first().textContent(), 'n');
        assert.equal(await overflow(page), 0);
        await page.screenshot({ path: join(OUTPUT, `replay-${name}.png`), fullPage: true });

        await page.locator('#previous').click();
        assert.match(await detail.locator('h2').textContent(), /7/);
        await page.locator('#next').press('Enter');
        assert.match(await detail.locator('h2').textContent(), /8/);
        assert.deepEqual(page.errors, []);
        await page.close();
    });

test('a link of an operation leads to the one that it passed', { skip }, async () => {
    const page = await open(1280, 800);

    await page.locator('#operation-8').click();
    await page.locator('#detail a[href="#7"]').click();
    assert.match(await page.locator('#detail h2').textContent(), /7/);
    assert.deepEqual(page.errors, []);
    await page.close();
});
