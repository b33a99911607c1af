import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { fileStorage } from '../src/storage/file.js';

/** @type {import('../src/storage/storage.js').DocumentRecord} */
const RECORD = {
    type: 'text',
    seq: 3,
    epoch: 7,
    confirmed: 'ab',
    serial: 2,
    inFlight: { serial: 2, operation: ['x'], bytes: 5 },
    queue: [],
    secret: 'one',
};
const QUIET = { ...RECORD, inFlight: null };

/** @param {(folder: string) => Promise<void>} run */
async function inFolder(run) {
    const folder = mkdtempSync(join(tmpdir(), 'tutti-storage-'));
    try {
        await run(folder);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** @param {string} folder */
async function begun(folder, secret = 'one') {
    const storage = fileStorage(folder);
    assert.equal(await storage.session(), null);
    await storage.saveSession({ secret, who: null });
    return storage;
}

test('What was stored is there after a restart', () =>
    inFolder(async (folder) => {
        const first = await begun(folder);
        await first.save('notes/ä', RECORD);
        await first.save('notes/b', QUIET);
        await first.close?.();
        const again = fileStorage(folder);
        assert.deepEqual(await again.session(), { secret: 'one', who: null });
        assert.deepEqual(await again.load('notes/ä'), RECORD);
        assert.deepEqual(await again.pending(), ['notes/ä']);
        assert.equal(await again.load('notes/c'), null);
        await again.close?.();
    }));

test('Who comes second has a session of its own, and the document without what is pending', () =>
    inFolder(async (folder) => {
        const first = await begun(folder);
        await first.save('notes/a', RECORD);
        const second = await begun(folder, 'two');
        assert.deepEqual(await second.pending(), []);
        assert.deepEqual(await second.load('notes/a'), { ...QUIET, serial: 0 });
        assert.deepEqual(await second.orphans?.(), [], 'the first one is alive');
        await second.save('notes/a', QUIET);
        assert.deepEqual(await first.load('notes/a'), RECORD);
        await first.close?.();
        await second.close?.();
    }));

test('What somebody left pending is found once, and what is not pending is cleared away', () =>
    inFolder(async (folder) => {
        const storages = [await begun(folder, 'one'), await begun(folder, 'two')];
        const alive = await begun(folder, 'three');
        await storages[0].save('notes/a', RECORD);
        await storages[1].save('notes/a', QUIET);
        for (const storage of storages) await storage.close?.();
        const orphans = (await alive.orphans?.()) ?? [];
        assert.equal(orphans.length, 1);
        assert.deepEqual(await orphans[0].session(), { secret: 'one', who: null });
        assert.deepEqual(await alive.orphans?.(), [], 'it is ours now');
        await orphans[0].discard?.();
        assert.equal(readdirSync(folder).length, 1);
        await alive.close?.();
    }));

test('The lock of a process that is gone is taken over', () =>
    inFolder(async (folder) => {
        const first = await begun(folder);
        await first.save('notes/a', RECORD);
        await first.close?.();
        const [slot] = readdirSync(folder);
        const { pid } = spawnSync(process.execPath, ['-e', '0']);
        writeFileSync(join(folder, slot, 'lock'), `${pid} 1`);
        const again = fileStorage(folder);
        assert.deepEqual(await again.session(), { secret: 'one', who: null });
        await again.close?.();
        writeFileSync(join(folder, slot, 'lock'), `${process.pid} 1`);
        const late = fileStorage(folder);
        assert.notEqual(await late.session(), null, 'the number is of another process by now');
        await late.close?.();
    }));
