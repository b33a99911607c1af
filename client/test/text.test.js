import assert from 'node:assert/strict';
import { test } from 'node:test';

import { replacedPiece, text, textDifference } from '../src/types/text.js';
import { Chance } from './support/random.js';

const LETTERS = ['a', 'b', 'é', '漢', '😀', '\u0000', '👩‍👩‍👧'];

/** @param {Chance} chance */
function randomText(chance) {
    return Array.from({ length: chance.below(8) }, () => chance.pick(LETTERS)).join('');
}

/**
 * @param {Chance} chance
 * @param {string} before
 */
function randomOperation(chance, before) {
    const draft = text.draft(before);
    for (let steps = chance.below(3); steps >= 0; steps--) {
        const at = chance.below(draft.length + 1);
        draft.replace(at, chance.below(draft.length - at + 1), randomText(chance));
    }
    return draft.operation;
}

/** @param {(chance: Chance) => void} law */
function forAllSeeds(law) {
    for (let seed = 1; seed <= 500; seed++)
        try {
            law(new Chance(seed));
        } catch (error) {
            throw new Error(`seed ${seed}`, { cause: error });
        }
}

test('Positions are code points', () => {
    const draft = text.draft('😀b');
    draft.insert(1, 'x');
    draft.remove(0, 1);
    assert.equal(String(draft), 'xb');
    assert.deepEqual(draft.operation, [{ d: 1 }, 'x']);
});

test('Both orders end in the same text', () => {
    forAllSeeds((chance) => {
        const before = randomText(chance);
        const [one, other] = [randomOperation(chance, before), randomOperation(chance, before)];
        const first = text.transform(one, other, 'first');
        const second = text.transform(other, one, 'second');
        assert.equal(
            text.apply(text.apply(before, one), second),
            text.apply(text.apply(before, other), first),
        );
    });
});

test('At one place the first goes first', () => {
    assert.deepEqual(text.transform(['a'], ['b'], 'first'), ['a']);
    assert.deepEqual(text.transform(['a'], ['b'], 'second'), [1, 'a']);
});

test('An inverse takes its operation back', () => {
    forAllSeeds((chance) => {
        const before = randomText(chance);
        const operation = randomOperation(chance, before);
        const after = text.apply(before, operation);
        assert.equal(text.apply(after, text.invert(operation, before)), before);
    });
});

test('A difference leads from one text to the other', () => {
    forAllSeeds((chance) => {
        const [before, after] = [randomText(chance), randomText(chance)];
        const caret = chance.below(after.length + 1);
        const operation = textDifference(before, after, caret);
        assert.equal(text.apply(before, operation), after);
        assert.deepEqual(text.normalize(operation), operation);
    });
});

test('The caret tells which of several equal letters is new', () => {
    assert.deepEqual(replacedPiece('aaa', 'aaaa', 1), { at: 0, removed: 0, end: 1 });
    assert.deepEqual(replacedPiece('aaa', 'aaaa', 3), { at: 2, removed: 0, end: 3 });
});

test('A difference never cuts a surrogate pair', () => {
    assert.deepEqual(textDifference('😀', '😁'), ['😁', { d: 1 }]);
    assert.deepEqual(textDifference('\u{1f600}', '\u{1fa00}'), ['\u{1fa00}', { d: 1 }]);
});

test('Operations are brought into the one form of the wire', () => {
    const cases = /** @type {[any, any][]} */ ([
        [['a', 'b', { d: 1 }, { d: 'é😀' }, 3], ['ab', { d: 3 }]],
        [['\ud83d'], ['\ufffd']],
        [[5], []],
        [[''], []],
    ]);
    for (const [made, wanted] of cases) assert.deepEqual(text.normalize(made), wanted);
    const bad = [{}, 'x', [0, 'a'], [-1, 'a'], [1.5, 'a'], [{ d: 0 }], [null]];
    for (const operation of /** @type {any[]} */ (bad))
        assert.throws(() => text.normalize(operation), { code: 207 }, JSON.stringify(operation));
});

test('Normalizing leaves the application its operation', () => {
    const operation = [{ d: 1 }, { d: 2 }];
    text.normalize(operation);
    assert.deepEqual(operation, [{ d: 1 }, { d: 2 }]);
});

test('What reaches beyond the text does not fit', () => {
    for (const operation of [[4, 'x'], [{ d: 4 }], [2, { d: 2 }]])
        assert.throws(() => text.apply('a😀b', /** @type {any} */ (operation)), { code: 208 });
});

test('A cursor stays at its letters', () => {
    const move = /** @type {NonNullable<typeof text.movePosition>} */ (text.movePosition);
    assert.equal(move([2, 'xy'], 2, false), 2);
    assert.equal(move([2, 'xy'], 2, true), 4);
    assert.equal(move([1, '😀'], 2, false), 3);
    assert.equal(move([1, { d: 3 }], 3, false), 1);
    assert.equal(move([3, { d: 2 }], 3, true), 3);
    assert.equal(move([{ d: 1 }, 1, 'a', { d: 5 }], 9, false), 4);
});
