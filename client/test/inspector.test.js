import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Series, WINDOW_MS } from '../inspector/series.js';
import { hashOf, nameIn } from '../inspector/names.js';
import { brief, bytes, duration, shellWord, shortened, visible } from '../inspector/text.js';

const count = (/** @type {any} */ answer) => answer.count;

/**
 * A series of answers, each `[at, count, uptime_ms]`; the server's clock is another one than ours.
 *
 * @param {[number, number, number][]} samples
 */
function seriesOf(samples) {
    const series = new Series();
    for (const [at, count, uptime_ms] of samples)
        series.add(at, { time_ms: at + 5_000_000, uptime_ms, count });
    return series;
}

/** @param {import('../inspector/series.js').Point[]} points */
const values = (points) => points.map(({ value }) => value);

test('A rate is what a total grew by in a second', () => {
    const series = seriesOf([[0, 10, 0], [1000, 30, 1000], [3000, 31, 3000]]);
    assert.deepEqual(values(series.rates(count)), [null, 20, 0.5]);
    assert.deepEqual(values(series.levels(count)), [10, 30, 31]);
});

test('A server that started again begins anew', () => {
    const series = seriesOf([[0, 10, 9000], [1000, 30, 10_000], [2000, 4, 300], [3000, 5, 1300]]);
    assert.deepEqual(values(series.rates(count)), [null, 20, null, 1]);
});

test('Where no answer came there is a gap', () => {
    const series = seriesOf([[0, 1, 0], [1000, 1, 1000], [9000, 9, 9000]]);
    assert.deepEqual(values(series.rates(count)), [null, 0, null, 1]);
    assert.deepEqual(values(series.levels(count)), [1, 1, null, 9]);
});

test('What is older than the charts show is forgotten', () => {
    const series = new Series();
    for (let at = 0; at <= 3 * WINDOW_MS; at += 1000)
        series.add(at, { time_ms: at, uptime_ms: at, count: at });
    const points = series.levels(count);
    assert.equal(points.length, WINDOW_MS / 1000 + 2, 'one more, for the first rate');
});

test('What cannot be seen, or turns others around, is written out', () => {
    assert.equal(visible('a\u202eb\u0000c\u200bd'), 'a\\u202eb\\u0000c\\u200bd');
    assert.equal(visible('😀 <b>é</b> 👩‍👩‍👧'), '😀 <b>é</b> 👩‍👩‍👧');
});

test('A long operation is cut, not within a character', () => {
    assert.equal(shortened([5, 'x']), '[5,"x"]');
    const text = shortened(['😀'.repeat(200)]);
    assert.match(text, /^\["(😀)+…$/u);
    assert.ok(text.length <= 161, String(text.length));
});

test('A document is named to a shell as one word', () => {
    assert.equal(shellWord('notes/42'), 'notes/42');
    assert.equal(shellWord('notes/$(reboot)'), "'notes/$(reboot)'");
    assert.equal(shellWord("it's/so"), "'it'\\''s/so'");
    assert.equal(shellWord("it's\\\u202e/so"), "$'it\\'s\\\\\\u202e/so'");
});

test('A name survives its link', () => {
    for (const [collection, id] of [['notes', '42'], ['a#b', 'c/d?e&f'], ['%', '100%/x']])
        assert.deepEqual(nameIn(hashOf(collection, id)), [collection, id]);
    for (const hash of ['', '#', '#notes', '#notes/%zz']) assert.equal(nameIn(hash), null);
});

test('Figures take few letters', () => {
    assert.deepEqual([0, 0.52, 9.96, 12.7, 999, 1234, 5e6].map((value) => brief(value)),
        ['0', '0.5', '10', '13', '999', '1.2 k', '5 M']); // prettier-ignore
    assert.deepEqual([0, 1023, 1024, 1536, 5 * 2 ** 20].map(bytes),
        ['0 B', '1023 B', '1 KiB', '1.5 KiB', '5 MiB']); // prettier-ignore
    assert.deepEqual([5000, 65_000, 7_500_000, 5 * 86_400_000].map(duration),
        ['5 s', '1 min 5 s', '2 h 5 min', '5 d 0 h']); // prettier-ignore
});
