/** Questions about counters, for types.test.js. */
const MOST = Number.MAX_SAFE_INTEGER;

const number = (random) => random.pick([0, 1, -1, 5, -7, MOST, -MOST, random.below(1000)]);

export function round(random) {
    const [content, a, b] = [number(random), number(random), number(random)];
    return [
        { function: 'apply', arguments: [content, a] },
        { function: 'compose', arguments: [a, b] },
        { function: 'transform', arguments: [a, b, 'left'] },
        { function: 'invert', arguments: [a, content] },
    ];
}
