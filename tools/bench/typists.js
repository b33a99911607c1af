// People who type through the cluster that is measured (cluster_gaps.py), by the real client.
//
//     typists.js URL CLIENTS DOCUMENTS
//
// Each has one document open, as others have, and makes an edit, waits until it is durable, pauses,
// makes the next. Lines on stdin begin and end a window; at its end one line of JSON tells of it:
//
//     waits   for each client, the longest that one of its edits waited, in milliseconds, and
//             whether it was on a connection that ended in the window
//     firsts  for each document, when the first edit that was made in the window was durable
import { createInterface } from 'node:readline';

import { connect } from '../../client/src/index.js';

const [url, clients, documents] = process.argv.slice(2);
/** So many edits are made in a second by all together that the machine has time to spare. */
const PAUSE_MS = clients / 2;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A window: it begins now. */
const open = () => ({ begin: performance.now(), firsts: {} });
let window = open();

class Typist {
    constructor(index) {
        this.name = `gaps/${index % documents}`;
        this.client = connect(url, { name: 'typist' });
        this.client.on('status', ({ state }) => (this.moved ||= state !== 'online'));
    }

    async start() {
        this.document = await this.client.open(this.name, { type: 'text', create: true });
        this.begin();
        this.type();
    }

    begin() {
        this.moved = false;
        this.longest = 0;
    }

    /** The text stays short: what is measured is the way of an edit. */
    async type() {
        for (;;) {
            this.since = performance.now();
            await this.document.change((text) => text.insert(0, 'x'));
            this.acknowledge(performance.now());
            await pause(PAUSE_MS * (0.5 + Math.random()));
        }
    }

    acknowledge(now) {
        if (this.since >= window.begin) window.firsts[this.name] ??= now - window.begin;
        this.longest = Math.max(this.longest, now - this.since);
        this.since = undefined;
    }

    /** The longest wait in the window; one that still lasts counts as far as it is. */
    end() {
        const lasting = this.since === undefined ? 0 : performance.now() - this.since;
        return [Math.round(Math.max(this.longest, lasting)), this.moved];
    }
}

const typists = Array.from({ length: Number(clients) }, (_, index) => new Typist(index));
await Promise.all(typists.map((typist) => typist.start()));
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'begin') {
        window = open();
        for (const typist of typists) typist.begin();
    } else {
        const { firsts } = window;
        console.log(JSON.stringify({ waits: typists.map((typist) => typist.end()), firsts }));
    }
}
process.exit();
