/**
 * Run the test files named, two at a time: a test waits more than it works. (`node --test` of
 * Node 18 cannot be told how many.)
 */
import { run } from 'node:test';
import { tap } from 'node:test/reporters';
import { resolve } from 'node:path';

const files = process.argv.slice(2).map((file) => resolve(file));

run({ files, concurrency: 2 })
    .on('test:fail', () => (process.exitCode = 1))
    .compose(tap)
    .pipe(process.stdout);
