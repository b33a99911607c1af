/** Questions about trees, for types.test.js: few ids and keys, so that much collides. */
const IDS = ['a', 'b', 'c', 'd', 'e-1', 'F_2.x'];
const KEYS = ['a0', 'a0V', 'a1', 'Zz', 'b00'];
const VALUES = [1, 'x', true, [1, { y: null }], { z: 1 }, 0.5];

const place = (random, ids) => [
    random.chance(0.4) || ids.length === 0 ? null : random.pick(ids),
    random.pick(KEYS),
];

function properties(random, nulls) {
    const names = ['colour', 'x', 'é'].filter(() => random.chance(0.5));
    const value = () => (nulls && random.chance(0.3) ? null : random.pick(VALUES));
    return Object.fromEntries(names.map((name) => [name, value()]));
}

/** Parents come before their children, so that there is no circle. */
export function document(random) {
    const made = {};
    for (const id of IDS.filter(() => random.chance(0.6)))
        made[id] = {
            place: place(random, Object.keys(made)),
            properties: properties(random, false),
        };
    return made;
}

function component(random) {
    const id = random.pick(IDS);
    return random.pick([
        () => ({ create: id, place: place(random, IDS), properties: properties(random, false) }),
        () => ({ move: id, place: place(random, IDS) }),
        () => ({ set: id, properties: properties(random, true) }),
        () => ({ set: id, properties: properties(random, true) }),
        () => ({ delete: id }),
    ])();
}

export function operation(random) {
    return Array.from({ length: random.below(5) }, () => component(random));
}

export function round(random) {
    const content = document(random);
    const [a, b] = [operation(random), operation(random)];
    const ask = (name, ...args) => ({ function: name, arguments: args });
    return [
        ask('apply', content, a),
        ask('compose', a, b),
        ask('transform', a, b, 'right'),
    ];
}
