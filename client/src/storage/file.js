import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isPending, withoutPending } from './storage.js';

/** @typedef {import('./storage.js').Storage} Storage */
/** @typedef {import('./storage.js').DocumentRecord} DocumentRecord */

/**
 * The files of a folder:
 *
 *   SLOT/lock            which process has the slot
 *   SLOT/session.json
 *   SLOT/HASH.json       { name, record } of a document
 */

/** Slots that this process has: a lock file cannot tell two clients of one process apart. */
const ours = new Set();

/**
 * When a process began, where the system tells: its number alone may be another's by now.
 *
 * @param {number} pid
 */
function startOf(pid) {
    try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop() ?? '';
        return fields.split(' ')[19];
    } catch {
        return '';
    }
}

const nameOfProcess = (/** @type {number} */ pid) => `${pid} ${startOf(pid)}`;

/** @param {string} holder as in a lock file */
function isAlive(holder) {
    const pid = Number(holder.split(' ')[0]);
    try {
        process.kill(pid, 0);
    } catch (error) {
        if (/** @type {any} */ (error).code === 'ESRCH') return false;
    }
    return holder === nameOfProcess(pid);
}

/** @param {any} error */
function unlessMissing(error) {
    if (error.code !== 'ENOENT') throw error;
    return null;
}

/** @param {string} path */
async function readJson(path) {
    const text = await readFile(path, 'utf8').catch(unlessMissing);
    return text === null ? null : JSON.parse(text);
}

/**
 * Whole, or as it was before.
 *
 * @param {string} path
 * @param {any} value
 */
async function writeJson(path, value) {
    const beside = `${path}.new`;
    const file = await open(beside, 'w');
    try {
        await file.writeFile(JSON.stringify(value));
        await file.sync();
    } finally {
        await file.close();
    }
    await rename(beside, path);
}

class Slot {
    #locked = false;
    #folder;

    /** @param {string} folder */
    constructor(folder) {
        this.#folder = folder;
    }

    #path(/** @type {string} */ name) {
        return join(this.#folder, name);
    }

    /** @returns {Promise<boolean>} false: another client has it */
    async lock() {
        if (this.#locked) return true;
        if (ours.has(this.#folder)) return false;
        ours.add(this.#folder);
        this.#locked = await this.#lockFile().catch(() => false);
        if (!this.#locked) ours.delete(this.#folder);
        return this.#locked;
    }

    async #lockFile() {
        await mkdir(this.#folder, { recursive: true });
        const path = this.#path('lock');
        const holder = await readFile(path, 'utf8').catch(unlessMissing);
        if (holder !== null && isAlive(holder)) return false;
        if (holder !== null && !(await this.#takeAway(path, holder))) return false;
        /* It appears with its content, or not at all. */
        const beside = this.#path(`lock.${process.pid}.new`);
        await writeFile(beside, nameOfProcess(process.pid));
        await link(beside, path).finally(() => rm(beside));
        return true;
    }

    /**
     * Only one succeeds in taking a dead one's lock away, and only if it is still the dead one's.
     *
     * @param {string} path
     * @param {string} holder
     */
    async #takeAway(path, holder) {
        const away = this.#path(`lock.${process.pid}`);
        await rename(path, away);
        const found = await readFile(away, 'utf8');
        if (found !== holder) await rename(away, path);
        else await rm(away);
        return found === holder;
    }

    async close() {
        if (!this.#locked) return;
        await rm(this.#path('lock'), { force: true });
        this.#locked = false;
        ours.delete(this.#folder);
    }

    session() {
        return readJson(this.#path('session.json'));
    }

    /** @param {import('../session.js').Session} session */
    saveSession(session) {
        return writeJson(this.#path('session.json'), session);
    }

    async pending() {
        const names = [];
        for (const file of await readdir(this.#folder)) {
            if (!/^[0-9a-f]{64}\.json$/.test(file)) continue;
            const { name, record } = await readJson(this.#path(file));
            if (isPending(record)) names.push(name);
        }
        return names;
    }

    #file(/** @type {string} */ name) {
        return this.#path(`${createHash('sha256').update(name).digest('hex')}.json`);
    }

    /**
     * @param {string} name
     * @returns {Promise<DocumentRecord | null>}
     */
    async load(name) {
        return (await readJson(this.#file(name)))?.record ?? null;
    }

    /**
     * @param {string} name
     * @param {DocumentRecord} record
     */
    save(name, record) {
        return writeJson(this.#file(name), { name, record });
    }

    async discard() {
        await rm(this.#folder, { recursive: true, force: true });
        this.#locked = false;
        ours.delete(this.#folder);
    }
}

/** @implements {Storage} */
class FileStorage {
    #folder;
    #slot;
    #id = randomUUID();

    /** @param {string} folder */
    constructor(folder) {
        this.#folder = folder;
        this.#slot = new Slot(join(folder, this.#id));
    }

    /** @returns {Promise<[string, Slot][]>} */
    async #slots() {
        await mkdir(this.#folder, { recursive: true });
        const ids = (await readdir(this.#folder)).sort();
        return ids.map((id) => [id, new Slot(join(this.#folder, id))]);
    }

    async session() {
        for (const [id, slot] of await this.#slots())
            if (await slot.lock()) {
                this.#id = id;
                this.#slot = slot;
                return slot.session();
            }
        await this.#slot.lock();
        return null;
    }

    async orphans() {
        const orphans = [];
        for (const [id, slot] of await this.#slots()) {
            if (id === this.#id || !(await slot.lock())) continue;
            if ((await slot.pending()).length > 0) orphans.push(slot);
            else await slot.discard();
        }
        return orphans;
    }

    /** @param {string} name */
    async load(name) {
        const own = await this.#slot.load(name);
        if (own !== null) return own;
        for (const [, slot] of await this.#slots()) {
            const other = await slot.load(name).catch(() => null);
            if (other !== null) return withoutPending(other);
        }
        return null;
    }

    saveSession = (/** @type {any} */ session) => this.#slot.saveSession(session);
    pending = () => this.#slot.pending();
    save = (/** @type {string} */ name, /** @type {any} */ record) => this.#slot.save(name, record);
    close = () => this.#slot.close();
}

/**
 * Keeps edits and documents in a folder, over restarts and crashes of the process. Processes that
 * use the same folder have a session each.
 *
 * @param {string} folder made where there is none
 * @returns {Storage}
 */
export function fileStorage(folder) {
    return new FileStorage(folder);
}
