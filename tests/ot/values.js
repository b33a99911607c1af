// Random JSON values and words that make types stumble.
const LETTERS = [..."ab \"\\\u0000é€😀"];
const NAMES = ["a", "b", "c", "é", "\uFFFD", "😀", ""];
const SCALARS = [
    null, true, false, 0, 1, -3, 1.5, -0.25, 1e21, 5e-324, 9007199254740991, "", "x",
];

export function word(random) {
    return Array.from({ length: 1 + random.below(3) }, () => random.pick(LETTERS)).join("");
}

export function name(random) {
    return random.pick(NAMES);
}

export function value(random, depth = 2) {
    const kind = random.below(depth > 0 ? 6 : 3);

    if (kind < 2)
        return random.pick(SCALARS);
    if (kind === 2)
        return word(random);
    if (kind < 5)
        return Array.from({ length: random.below(4) }, () => value(random, depth - 1));
    const members = Array.from({ length: random.below(4) },
        () => [name(random), value(random, depth - 1)]);
    return Object.fromEntries(members);
}

/** A place in the text, in UTF-16 units, that cuts no surrogate pair. */
export function offset(random, text) {
    const at = random.below(text.length + 1);
    const cuts = at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;

    return cuts ? at - 1 : at;
}

/** A copy as it would be after the wire. */
export function copy(json) {
    return JSON.parse(JSON.stringify(json));
}
