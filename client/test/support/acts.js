import { counter } from '../../src/types/counter.js';
import { json0 } from '../../src/types/json0.js';
import { rich } from '../../src/types/rich.js';
import { text } from '../../src/types/text.js';
import { tree } from '../../src/types/tree.js';

/** @typedef {import('./random.js').Chance} Chance */

/** @type {Record<string, import('../../src/types/type.js').AnyType>} */
export const TYPES = { counter, json0, rich, text, tree };

const LETTERS = ['a', 'b', ' ', '\n', 'é', '漢', '😀', '👩‍👩‍👧', 'word '];

/** @type {Record<string, (chance: Chance, draft: any) => void>} */
const ACTS = {
    counter: (chance, draft) => draft.add(chance.below(7) - 3),
    text(chance, draft) {
        const at = chance.pick([0, draft.length >> 1, chance.below(draft.length + 1)]);
        if (chance.happens(0.65)) draft.insert(at, chance.pick(LETTERS));
        else draft.remove(at, Math.min(chance.below(4), draft.length - at));
    },
    rich(chance, draft) {
        const at = placeIn(chance, draft.data);
        const bold = chance.pick([{ bold: true }, { bold: null }, { colour: 'red' }, undefined]);
        if (chance.happens(0.6)) {
            const plain = bold?.bold === null ? undefined : bold;
            const what = chance.happens(0.1) ? { image: '/x' } : chance.pick(LETTERS);
            return draft.insert(at, what, plain);
        }
        const to = placeIn(chance, draft.data);
        const count = Math.min(Math.abs(to - at), 8) === Math.abs(to - at) ? Math.abs(to - at) : 0;
        if (bold === undefined) draft.remove(Math.min(at, to), count);
        else draft.format(Math.min(at, to), count, bold);
    },
    json0(chance, draft) {
        if (draft.get() === null) draft.set([], { list: [1, 2], text: 'abc', count: 0, map: {} });
        const list = draft.get(['list']);
        const words = draft.get(['text']);
        const name = chance.pick(['a', 'b', 'c']);
        chance.pick([
            () => draft.insert(['list', chance.below(list.length + 1)], { n: chance.below(9) }),
            () => list.length > 0 && draft.remove(['list', chance.below(list.length)]),
            () => list.length > 0 && draft.set(['list', chance.below(list.length)], name),
            () =>
                list.length > 0 &&
                draft.move(['list', chance.below(list.length)], chance.below(list.length)),
            () => draft.insertText(['text'], chance.below(words.length + 1), name),
            () => draft.removeText(['text'], chance.below(words.length + 1), 2),
            () => draft.add(['count'], chance.below(5)),
            () => draft.set(['map', name], chance.below(100)),
            () => draft.get(['map', name]) !== undefined && draft.remove(['map', name]),
        ])();
    },
    tree(chance, draft) {
        const ids = Object.keys(draft.data);
        const parent = ids.length > 0 && chance.happens(0.5) ? chance.pick(ids) : null;
        if (ids.length === 0 || chance.happens(0.3))
            return draft.create({ parent, properties: { n: chance.below(9) } });
        const [id, other] = [chance.pick(ids), chance.pick(ids)];
        chance.pick([
            () => draft.set(id, { [chance.pick(['x', 'y'])]: chance.below(100) }),
            () => draft.set(id, { x: null }),
            () => draft.move(id, { parent: parent === id ? null : parent }),
            () => id !== other && draft.move(id, { before: other }),
            () => id !== other && draft.move(id, { after: other }),
            () => draft.remove(id),
        ])();
    },
};

/**
 * A place between two code points.
 *
 * @param {Chance} chance
 * @param {import('../../src/types/rich.js').RichDelta} data
 */
function placeIn(chance, { ops }) {
    const lengths = ops.flatMap(({ insert }) =>
        typeof insert === 'string' ? [...insert].map((point) => point.length) : [1],
    );
    const count = chance.below(lengths.length + 1);
    return lengths.slice(0, count).reduce((sum, length) => sum + length, 0);
}

/**
 * One thing that somebody does to a document.
 *
 * @param {Chance} chance
 * @param {string} type
 * @param {any} draft
 */
export function act(chance, type, draft) {
    ACTS[type](chance, draft);
}
