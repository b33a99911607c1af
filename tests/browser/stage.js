/**
 * What browser tests are played on: Chromium, and a front that serves pages of the tests and lets
 * WebSockets through to a server, until the test cuts them. (`setOffline` of a browser would leave
 * an open socket open.)
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { extname, join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { Server } from './server.js';

const FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];
const TYPES = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' };
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Where screenshots go. */
export const OUTPUT = folder('../output/');
/** What draws by chance begins with it. */
export const SEED = Number((process.env.SEEDS ?? '1').split('-')[0]);
/** What is done by chance is done so often: as a part of all suites, or by itself in a soak. */
export const STEPS = process.env.SOAK ? 150 : 50;
const PACKAGES = folder('../../client/node_modules/');
/** Where a page's files are looked for: the tests' own, the kit's sources and what it needs. */
const FOLDERS = [folder('pages/'), folder('../../client/'), PACKAGES];

export function launch() {
    mkdirSync(OUTPUT, { recursive: true });
    return chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
}

/**
 * A script of a page with the packages that it needs; the client it has from the server.
 *
 * @param {string} name `bundled/NAME.js`
 */
async function bundle(name) {
    const { build } = createRequire(join(PACKAGES, 'any.js'))('esbuild');
    const { outputFiles } = await build({
        entryPoints: [join(folder('pages/'), name)],
        bundle: true,
        write: false,
        format: 'esm',
        external: ['/client.js'],
        nodePaths: [PACKAGES],
        minify: true,
        define: { 'process.env.NODE_ENV': '"production"' },
    });
    return outputFiles[0].text;
}

/**
 * The front. A WebSocket of a page goes to `/?tab=NAME`; the name is what the test cuts it by, and
 * the server does not see it.
 */
export class Front {
    /** @type {Map<string, Set<net.Socket>>} the sockets of a tab */
    #sockets = new Map();
    /** @type {Set<string>} tabs that get no connection */
    #away = new Set();
    #http = createServer((request, response) => this.#page(request, response));
    /** Bytes of WebSockets, up from the pages and down to them, by tab. */
    bytes = new Map();

    /** @param {import('./server.js').Server} server */
    constructor(server) {
        this.server = server;
        this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    }

    async start() {
        this.#http.listen(0, '127.0.0.1');
        await once(this.#http, 'listening');
        this.url = `http://127.0.0.1:${this.#http.address().port}/`;
    }

    /** From now on the tab has no connection, as far as the server's end is concerned. */
    cut(tab) {
        this.#away.add(tab);
        this.drop(tab);
    }

    /** It loses the one it has. */
    drop(tab) {
        for (const socket of this.#sockets.get(tab) ?? []) socket.destroy();
    }

    mend(tab) {
        this.#away.delete(tab);
    }

    close() {
        for (const tab of this.#sockets.keys()) this.drop(tab);
        this.#http.close();
        this.#http.closeAllConnections();
    }

    async #page({ url }, response) {
        const name = new URL(url, 'http://front/').pathname.slice(1).replace(/\.\./g, '');
        const isScript = name.startsWith('bundled/');
        if (isScript) return this.#answer(response, await (this[name] ??= bundle(name)));
        for (const where of FOLDERS)
            try {
                const content = readFileSync(join(where, name));
                response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain' });
                return response.end(content);
            } catch {
                continue;
            }
        /* The client as the server gives it out; it is asked once, and remembered over its end. */
        const content = await (this[name] ??= fetch(this.server.url + name).then(
            (answer) => (answer.ok ? answer.text() : null),
        ));
        if (content === null) response.writeHead(404).end();
        else this.#answer(response, content);
    }

    #answer(response, script) {
        response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
    }

    #upgrade(request, near, head) {
        const tab = new URL(request.url, 'http://front/').searchParams.get('tab') ?? '';
        if (this.#away.has(tab)) return near.destroy();
        const far = net.connect(this.server.port, '127.0.0.1');
        const sockets = this.#sockets.get(tab) ?? new Set();
        this.#sockets.set(tab, sockets.add(near));
        const count = this.bytes.get(tab) ?? { up: 0, down: 0 };
        this.bytes.set(tab, count);
        near.on('data', (chunk) => (count.up += chunk.length));
        far.on('data', (chunk) => (count.down += chunk.length));
        const end = () => {
            near.destroy();
            far.destroy();
            sockets.delete(near);
        };
        for (const socket of [near, far]) socket.on('error', end).on('close', end);
        const { rawHeaders } = request;
        const lines = rawHeaders.flatMap((name, i) =>
            i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : [],
        );
        far.write(`GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        if (head.length > 0) far.write(head);
        near.pipe(far).pipe(near);
    }
}

/**
 * A server, the front before it and a browser, which are there while the tests of a file run.
 */
class Stage {
    server = new Server();
    front = new Front(this.server);
    /** @type {import('playwright-core').Browser} */
    browser;
    /** @type {import('playwright-core').Page[]} of people who have left */
    #free = [];

    /**
     * A page in a browser profile that nobody else has now. A profile costs half a second of the
     * processor, so the next one who comes gets that of somebody who has left.
     *
     * @param {{ viewport?: object, colorScheme?: string }} [options]
     */
    async arrive({ viewport = { width: 1280, height: 1000 }, colorScheme = 'light' } = {}) {
        const page = this.#free.pop() ?? (await (await this.browser.newContext()).newPage());
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        return page;
    }

    /** Somebody closes the page. */
    async leave(page) {
        page.removeAllListeners();
        await page.goto('about:blank');
        this.#free.push(page);
    }
}

/**
 * The stage of a file.
 *
 * @param {() => Promise<void>} [arrive] what else has to happen before the tests
 */
export function raise(arrive = async () => {}) {
    const stage = new Stage();

    before(async () => {
        [stage.browser] = await Promise.all([launch(), stage.server.start(), stage.front.start()]);
        await arrive();
    });
    after(async () => {
        await stage.browser?.close();
        stage.front.close();
        await stage.server.close();
    });
    return stage;
}

/** Numbers from [0, bound) that are the same for the same seed. */
export function numbersOf(seed) {
    let state = seed >>> 0 || 1;
    return (bound) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * bound);
    };
}

/**
 * Waits until a function of the page says yes.
 *
 * @param {import('playwright-core').Page} page
 */
export function until(page, run, argument) {
    return page.waitForFunction(run, argument, { timeout: 20000, polling: 20 });
}

/** What axe-core finds that keeps somebody out, or may. */
export async function faultsOf(page) {
    const { resolve } = createRequire(import.meta.url);
    await page.evaluate(readFileSync(resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, ...nodes.map(({ failureSummary }) => failureSummary)]);
}
