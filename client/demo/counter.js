import { nameOf } from './people.js';

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

/**
 * What increments cost on the line, both ways, frames and all. The messages of a document are
 * those that begin with the number which `opened` gave it.
 */
class Cost {
    #channel = -1;
    #sums = { up: 0, down: 0 };
    #counts = { up: 0, down: 0 };

    /**
     * @param {import('./line.js').Line} line
     * @param {string} name of the document
     */
    constructor(line, name) {
        line.onMessage((text, bytes, up) => {
            if (!up && text.startsWith('["opened"')) this.#opened(JSON.parse(text), name);
            else if (text.startsWith(`[${this.#channel},`)) this.#add(JSON.parse(text), bytes, up);
        });
    }

    /**
     * @param {any[]} message
     * @param {string} name
     */
    #opened([, channel, opened], name) {
        if (opened === name) this.#channel = channel;
    }

    /**
     * @param {any[]} message
     * @param {number} bytes
     * @param {boolean} up
     */
    #add(message, bytes, up) {
        const amounts = up ? [message[3]] : message.filter((_, at) => at >= 3 && at % 2 === 1);
        const way = up ? 'up' : 'down';
        this.#sums[way] += bytes;
        for (const amount of amounts) this.#counts[way] += Math.max(Math.abs(amount), 1);
    }

    /** @param {'up' | 'down'} way */
    #each(way) {
        const count = this.#counts[way];
        return count === 0 ? '–' : (this.#sums[way] / count).toFixed(1).replace('.0', '');
    }

    toString() {
        return `${this.#each('up')} out · ${this.#each('down')} in`;
    }
}

/**
 * The panel of the counter.
 *
 * @param {import('../src/client.js').Client} client
 * @param {import('./line.js').Line} line
 */
export async function counterPanel(client, line) {
    const cost = new Cost(line, 'demo/counter');
    const doc = await client.open('demo/counter', { type: 'counter', create: true });
    /** @param {string | null | undefined} who */
    const last = (who) => {
        if (!who) return;
        element('last').textContent = who === client.who ? 'you' : nameOf(who);
    };
    const show = () => {
        element('count').textContent = String(doc.data).replace('-', '−');
        element('here').textContent = String(doc.presence.others.size + 1);
        element('cost').textContent = String(cost);
    };
    for (const [id, amount] of Object.entries({ less: -1, more: 1 })) {
        element(id).disabled = false;
        element(id).addEventListener('click', () => doc.submit(amount));
    }
    doc.on('change', ({ local }) => {
        if (local) last(client.who);
        show();
    });
    doc.on('operation', ({ who }) => last(who));
    doc.on('sync', show);
    doc.presence.on('change', show);
    doc.presence.set({});
    show();
    doc.history
        .operations(doc.seq, doc.seq)
        .then(([entry]) => entry?.operation !== undefined && last(entry.who))
        .catch(() => {}); /* offline, or too old to be told one by one: nobody is named */
    return doc;
}
