/**
 * The pictures of the README: what somebody sees in the first minute, drawn anew in each run.
 * `run_browser --pictures` puts them into docs/.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { connect } from '../../client/src/index.js';
import { numbersOf, OUTPUT, raise, until } from './stage.js';

const skip = process.env.TUTTID === 'reference' && 'the stand-in has no inspector';
const WORDS = ['allegro ', 'andante ', 'con brio ', 'dolce ', 'più ', 'presto ', 'tutti '];

/** How the windows stand beside each other. */
const TABLE = `<!doctype html><style>
    body { display: flex; gap: 28px; margin: 0; padding: 28px; background: #d9cfbd; }
    figure { margin: 0; border-radius: 12px; overflow: hidden; box-shadow: 0 10px 34px #3a2c1455; }
    figure::before { content: '● ● ●'; display: block; padding: 7px 14px; background: #efe8da;
        color: #b9ae99; font: 13px/1 sans-serif; letter-spacing: 2px; }
    img { display: block; }
</style>`;

const people = [];
const stage = raise();
const { server } = stage;

after(() => Promise.all(people.map((client) => client.close())));

async function open(url, viewport) {
    const page = await stage.arrive({ viewport });
    page.on('pageerror', (error) => assert.fail(String(error)));
    await page.goto(url);
    return page;
}

/** Pages as the windows that they are in. */
async function beside(...pages) {
    const shots = await Promise.all(pages.map((page) => page.screenshot()));
    const images = shots.map((shot) => {
        return `<figure><img src="data:image/png;base64,${shot.toString('base64')}"></figure>`;
    });
    const page = await stage.arrive({ viewport: { width: 2004, height: 1000 } });
    await page.setContent(TABLE + images.join(''));
    await page.screenshot({ path: `${OUTPUT}first-minute.png`, fullPage: true });
    await stage.leave(page);
}

test('The first minute: what one tab does is in the other', async () => {
    const tabs = [];
    for (const name of ['one', 'other']) {
        const page = await open(`${server.url}?${name}`, { width: 960, height: 980 });
        await page.waitForSelector('#light[data-sync=synced]');
        tabs.push(page);
    }
    const [one, other] = tabs;
    await one.fill('#text', 'Tutti insieme.\n\nTwo people: each sees the other’s words. 😀');
    for (let i = 0; i < 3; i++) await one.click('#more');
    await one.locator('[data-id=oboe]').dragTo(one.locator('[data-id=winds]'));
    await until(other, () => document.querySelector('#text').value.includes('😀'));
    await other.click('#more');
    await other.focus('#text');
    await other.evaluate(() => document.querySelector('#text').setSelectionRange(16, 26));
    await one.waitForSelector('#carets mark');
    await other.waitForSelector('.held[data-id=oboe]');
    for (const page of tabs) {
        await until(page, () => document.querySelector('#count').textContent === '4');
        await page.waitForSelector('#light[data-sync=synced]');
    }
    await beside(...tabs);
    for (const page of tabs) await stage.leave(page);
});

/** Somebody who has a text open. */
async function person(name) {
    const client = connect(server.url.replace('http', 'ws'));
    people.push(client);
    return client.open(name, { type: 'text', create: true });
}

/** All write at once, each a word somewhere. */
function play(docs, below) {
    const edits = docs.map((doc) => {
        const at = below(doc.data.length + 1);
        return doc.change((text) => text.insert(at, WORDS[below(WORDS.length)]));
    });
    return Promise.all(edits);
}

test('The inspector follows a document live', { skip }, async () => {
    const page = await open('about:blank', { width: 1280, height: 1060 });
    const docs = [];
    for (let i = 0; i < 4; i++) docs.push(await person('notes/score'));
    const below = numbersOf(7);

    /* Two minutes pass in steps of three seconds, for the page and for what the server says. */
    const begin = Date.now();
    let passed = 0;
    await page.clock.install({ time: begin });
    await page.route('**/api/server', async (route) => {
        const answer = await (await route.fetch()).json();
        const ahead = passed - (Date.now() - begin);
        answer.time_ms += ahead;
        answer.uptime_ms += ahead;
        await route.fulfill({ json: answer });
    });
    await page.goto(`${server.adminUrl}#notes/score`);
    await page.waitForSelector('#light[data-sync=synced]');
    for (; passed <= 120_000; passed += 3000) {
        const rounds = Math.round(2 + 2 * Math.sin(passed / 12_000) + below(2));
        for (let i = 0; i < rounds; i++) await play(docs.slice(0, 2 + below(3)), below);
        const answered = page.waitForResponse('**/api/server');
        await page.clock.runFor(3000);
        await answered;
    }
    await page.clock.runFor(100);
    const head = Math.max(...docs.map(({ seq }) => seq));
    await until(page, (seq) => document.querySelector('#log .seq')?.textContent === seq, `${head}`);
    const chart = await page.locator('#charts svg').nth(1).getAttribute('aria-label');
    assert.match(chart, /at most [1-9]/);
    await page.screenshot({ path: `${OUTPUT}inspector.png` });
});
