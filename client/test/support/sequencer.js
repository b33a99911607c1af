import { createHash } from 'node:crypto';

import { STATUS } from '../../src/status.js';

/** @typedef {import('../../src/types/type.js').AnyType} AnyType */
/**
 * @typedef {{send: (text: string) => void, close: (code: number, reason: string) => void}} Carrier
 */
/** @typedef {{ serial: number, seq: number, floor: number, spent: Map<number, number> }} Row */

/**
 * @typedef {object} Entry
 * @property {string} who
 * @property {number} serial
 * @property {number} epoch
 * @property {any} operation null: a creation
 * @property {any} data of a creation
 */

const NOBODY = '--------';
const AWAY = 100;
const NOT_CREATED = 211;

/** What goes wrong, each with its probability; none by default. */
const NO_FAULTS = {
    refusedForNow: 0,
    refusedForGood: 0,
    whoTaken: 0,
    folded: 0,
    slow: 0,
    composed: 0,
    commitMost: 0,
};

/**
 * A server of one process that follows the protocol and the rules of ordering, small enough to be
 * read as their meaning: what a client is tested against. Whatever a correct client never sends
 * throws.
 */
export class Sequencer {
    /** @type {Map<string, Document>} */
    documents = new Map();
    /** @type {Map<string, Link>} the link that has a session, by its secret */
    sessions = new Map();
    channels = 0;
    faults = { ...NO_FAULTS };
    heartbeatMs = 25000;

    /**
     * @param {object} environment
     * @param {import('../../src/connection.js').Clock} environment.clock
     * @param {import('./random.js').Chance} environment.chance
     * @param {AnyType[]} environment.types
     */
    constructor({ clock, chance, types }) {
        this.clock = clock;
        this.chance = chance;
        this.types = new Map(types.map((type) => [type.name, type]));
    }

    /** @param {Carrier} carrier */
    connect(carrier) {
        return new Link(this, carrier);
    }

    /**
     * @param {string} name
     * @param {import('../../src/exchange.js').Want} want
     */
    document(name, { type, create, data }) {
        const known = this.documents.get(name);
        if (known !== undefined || !create) return known;
        const made = new Document(this, name, /** @type {AnyType} */ (this.types.get(type ?? '')));
        this.documents.set(name, made);
        made.append({ who: NOBODY, serial: 0, operation: null, data: made.type.create(data) });
        return made;
    }

    /** @param {string} name */
    delete(name) {
        const document = this.documents.get(name);
        this.documents.delete(name);
        for (const reader of document?.readers ?? [])
            reader.link.send(['closed', document?.channel, STATUS.DELETED, 'deleted']);
    }
}

/** One client's connection. */
class Link {
    /** @type {string | null} */
    secret = null;
    who = '';
    dead = false;
    /** @type {Map<number, Reader>} */
    readers = new Map();

    /**
     * @param {Sequencer} server
     * @param {Carrier} carrier
     */
    constructor(server, carrier) {
        this.server = server;
        this.carrier = carrier;
    }

    /** @param {any[]} message */
    send(message) {
        if (!this.dead) this.carrier.send(JSON.stringify(message));
    }

    /** @param {number} code */
    close(code) {
        this.carrier.close(4000 + code, 'closed');
        this.disconnected();
    }

    disconnected() {
        this.dead = true;
        for (const reader of this.readers.values()) reader.document.readers.delete(reader);
    }

    /** @param {string} text */
    receive(text) {
        if (this.dead) return;
        const message = JSON.parse(text);
        if (message.length === 0) return this.send([]);
        if (typeof message[0] === 'number') return this.#edit(message);
        if (message[0] === 'hello') return this.#hello(message[1]);
        if (message[0] === 'open') return this.#open(message[1], message[2]);
        if (message[0] !== 'close') throw new Error(`unexpected: ${text}`);
        this.readers.get(message[1])?.document.readers.delete(
            /** @type {Reader} */ (this.readers.get(message[1])),
        );
        this.readers.delete(message[1]);
    }

    /** @param {{ resume: string }} hello */
    #hello({ resume }) {
        if (!/^[A-Za-z0-9_-]{22}$/.test(resume)) throw new Error(`not a secret: ${resume}`);
        this.secret = resume;
        this.who = createHash('sha256').update(resume).digest('base64url').slice(0, 8);
        const older = this.server.sessions.get(resume);
        if (older !== undefined && !older.dead) older.close(STATUS.TAKEN);
        this.server.sessions.set(resume, this);
        const limits = { message_bytes_max: 1 << 20, document_bytes_max: 16 << 20 };
        const heartbeat_ms = this.server.heartbeatMs;
        this.send(['welcome', { who: this.who, user: '', limits, heartbeat_ms }]);
    }

    /**
     * @param {string} name
     * @param {any} options
     */
    #open(name, options) {
        const document = this.server.document(name, options);
        if (document === undefined) return this.send(['closed', name, NOT_CREATED, 'not created']);
        if (options.type !== undefined && options.type !== document.type.name)
            return this.send(['closed', name, STATUS.TYPE_DIFFERS, 'another type']);
        if (this.readers.has(document.channel)) throw new Error(`${name} was opened twice`);
        const reader = new Reader(this, document);
        this.readers.set(document.channel, reader);
        document.whenCommitted(() => !this.dead && reader.open(options));
    }

    /** @param {any[]} message */
    #edit([channel, serial, base, operation]) {
        const reader = this.readers.get(channel);
        if (reader === undefined) throw new Error(`an edit on channel ${channel}, not open`);
        reader.document.submit(reader, { serial, base, operation });
    }
}

/** One document and its history; entries above `committed` are not durable yet. */
class Document {
    /** @type {Entry[]} the entry of seq 1 first */
    entries = [];
    committed = 0;
    epoch = 1000;
    /** @type {any} */
    data = undefined;
    /** @type {Map<string, Row>} by session */
    rows = new Map();
    /** @type {Set<Reader>} */
    readers = new Set();
    #committing = false;
    /** @type {{ seq: number, run: () => void }[]} */
    #waiting = [];

    /**
     * @param {Sequencer} server
     * @param {string} name
     * @param {AnyType} type
     */
    constructor(server, name, type) {
        this.server = server;
        this.name = name;
        this.type = type;
        this.channel = ++server.channels;
    }

    get head() {
        return this.entries.length;
    }

    /** @param {string} secret */
    row(secret) {
        const row = this.rows.get(secret) ?? { serial: 0, seq: 0, floor: 0, spent: new Map() };
        this.rows.set(secret, row);
        return row;
    }

    /**
     * @param {Reader} reader
     * @param {{ serial: number, base: number, operation: any }} edit
     */
    submit(reader, { serial, base, operation }) {
        const { faults, chance } = this.server;
        const row = this.row(/** @type {string} */ (reader.link.secret));
        if (serial <= row.serial) return this.#again(reader, row, serial);
        if (serial > row.serial + 1) throw new Error(`serial ${serial} after ${row.serial}`);
        if (base > this.head) throw new Error(`base ${base} is beyond the head ${this.head}`);
        reader.unresolved.add(serial);
        if (base < row.floor || base < reader.composedTo)
            return reader.refuse(serial, STATUS.REBASE);
        if (base < row.seq) throw new Error(`base ${base} is before the own ${row.seq}`);
        if (chance.happens(faults.refusedForNow))
            return reader.refuse(serial, AWAY, { retry_after_ms: chance.below(200) });
        if (chance.happens(faults.whoTaken)) return reader.refuse(serial, STATUS.WHO_TAKEN);
        row.serial = serial;
        if (chance.happens(faults.refusedForGood)) {
            row.spent.set(serial, STATUS.NOT_APPLICABLE);
            return reader.refuse(serial, STATUS.NOT_APPLICABLE);
        }
        const { who } = reader.link;
        this.append({ who, serial, operation: this.#toHead(who, base, operation), data: null });
        row.seq = this.head;
    }

    /**
     * A serial has one fate, and its copies get the same answer.
     *
     * @param {Reader} reader
     * @param {Row} row
     * @param {number} serial
     */
    #again(reader, row, serial) {
        const code = row.spent.get(serial);
        if (code !== undefined) return reader.refuse(serial, code);
        const { who } = reader.link;
        const seq = this.entries.findIndex((one) => one.who === who && one.serial === serial) + 1;
        if (seq <= reader.at) reader.refuse(serial, STATUS.REPEATED, { seq });
    }

    /**
     * @param {string} who
     * @param {number} base
     * @param {any} operation
     */
    #toHead(who, base, operation) {
        for (const other of this.entries.slice(base)) {
            if (other.operation === null) continue;
            const first = who < other.who ? 'first' : 'second';
            const side = this.type.whoBreaksTies ? first : this.type.left;
            operation = this.type.transform(operation, other.operation, side);
        }
        return operation;
    }

    /** @param {Omit<Entry, 'epoch'>} entry */
    append(entry) {
        const { operation, data } = entry;
        this.data = operation === null ? data : this.type.apply(this.data, operation);
        if (this.server.chance.happens(0.02)) this.epoch += 1 + this.server.chance.below(9);
        this.entries.push({ ...entry, epoch: this.epoch });
        this.#commit();
    }

    /** One batch at a time; what comes meanwhile is in the next. */
    #commit() {
        if (this.#committing || this.committed === this.head) return;
        this.#committing = true;
        const end = this.head;
        this.server.clock.setTimeout(() => {
            this.#committing = false;
            this.committed = end;
            this.deliver();
            const ready = this.#waiting.filter(({ seq }) => seq <= end);
            this.#waiting = this.#waiting.filter(({ seq }) => seq > end);
            ready.forEach(({ run }) => run());
            this.#commit();
        }, this.server.chance.below(this.server.faults.commitMost + 1));
    }

    /**
     * @param {() => void} run once all that is here now is durable
     */
    whenCommitted(run) {
        if (this.committed === this.head) run();
        else this.#waiting.push({ seq: this.head, run });
    }

    deliver() {
        for (const reader of this.readers) reader.step();
    }

    /**
     * @param {number} from
     * @param {number} to
     */
    composed(from, to) {
        return this.entries
            .slice(from, to)
            .map(({ operation }) => operation ?? this.type.empty)
            .reduce((first, second) => this.type.compose(first, second));
    }

    /** @param {number} seq */
    snapshot(seq) {
        return this.entries
            .slice(0, seq)
            .reduce(
                (data, entry) =>
                    entry.operation === null ? entry.data : this.type.apply(data, entry.operation),
                undefined,
            );
    }
}

/** One document on one link: a cursor. */
class Reader {
    /** The seq that it has been sent. */
    at = 0;
    epoch = 0;
    /** The end of the last composed range: an edit against what lies inside cannot be moved. */
    composedTo = 0;
    /** @type {Set<number>} serials without a fate: no composed range may be sent (rule 3a) */
    unresolved = new Set();

    /**
     * @param {Link} link
     * @param {Document} document
     */
    constructor(link, document) {
        this.link = link;
        this.document = document;
        this.server = document.server;
    }

    /**
     * @param {number} serial
     * @param {number} code
     * @param {object} [more]
     */
    refuse(serial, code, more = {}) {
        if (code >= 200) this.unresolved.delete(serial);
        this.link.send(['refused', this.document.channel, serial, code, 'refused', more]);
    }

    /** @param {any} options as the client sent them */
    open({ from, epoch, pending = 0, diverged }) {
        const { document, server } = this;
        const row = document.row(/** @type {string} */ (this.link.secret));
        const end = document.committed;
        const known = from !== undefined && document.entries[from - 1]?.epoch === epoch;
        if (from !== undefined && !known) throw new Error(`no entry ${from} of epoch ${epoch}`);
        const whole = !known || diverged || server.chance.happens(server.faults.folded);
        this.at = whole ? end : from;
        this.epoch = document.entries[this.at - 1].epoch;
        const options = this.#opened(whole, end, row, from);
        this.link.send(['opened', document.channel, document.name, end, options]);
        if (whole) this.composedTo = end;
        if (pending > row.serial) row.floor = end;
        if (pending > row.serial) this.unresolved.add(pending);
        const code = row.spent.get(pending);
        if (code !== undefined) this.refuse(pending, code);
        this.#single(pending > 0 && pending <= row.serial ? Math.max(this.at, row.seq) : this.at);
        if (server.chance.happens(server.faults.composed)) this.#composed(end);
        else this.#single(end);
        document.readers.add(this);
        this.step();
    }

    /**
     * @param {boolean} whole
     * @param {number} end
     * @param {Row} row
     * @param {number | undefined} from
     */
    #opened(whole, end, row, from) {
        const { type, entries } = this.document;
        return {
            type: type.name,
            ...(whole && { snapshot: this.document.snapshot(end) }),
            serial: row.serial,
            epoch: entries[end - 1].epoch,
            check_every: 1024,
            ...(whole && from !== undefined && { reload: 'behind' }),
        };
    }

    /** Send what is durable, or be slow. */
    step() {
        const { faults, chance } = this.server;
        const { committed } = this.document;
        if (this.at >= committed || !this.document.readers.has(this)) return;
        if (chance.happens(faults.slow))
            return void this.server.clock.setTimeout(() => this.step(), chance.below(500));
        if (this.unresolved.size === 0 && chance.happens(faults.composed))
            this.#composed(committed);
        else this.#single(committed);
    }

    /** @param {number} to */
    #single(to) {
        const { document, link } = this;
        while (this.at < to) {
            const next = document.entries[this.at];
            if (next.epoch !== this.epoch) link.send(['epoch', document.channel, next.epoch]);
            this.epoch = next.epoch;
            if (next.operation === null) {
                const { type } = document;
                link.send(['made', document.channel, ++this.at, next.who, type.name, next.data]);
            } else this.#frame(to);
        }
    }

    /** @param {number} to */
    #frame(to) {
        const { document } = this;
        /** @type {any[]} */
        const frame = [document.channel, this.at + 1];
        for (let next = document.entries[this.at]; this.at < to; next = document.entries[this.at]) {
            if (next.operation === null || next.epoch !== this.epoch) break;
            frame.push(next.who, next.operation);
            if (next.who === this.link.who) this.unresolved.delete(next.serial);
            this.at++;
        }
        /* A frame may begin before a reader's place. */
        const before = document.entries[frame[1] - 2];
        if (before?.operation && this.server.chance.happens(0.1))
            frame.splice(1, 1, frame[1] - 1, before.who, before.operation);
        this.link.send(frame);
    }

    /** @param {number} to */
    #composed(to) {
        if (this.at >= to) return;
        const { document } = this;
        const operation = document.composed(this.at, to);
        this.epoch = document.entries[to - 1].epoch;
        this.at = this.composedTo = to;
        this.link.send(['composed', document.channel, to, operation, this.epoch]);
    }
}
