// `rich` beside rich-text.
import { createRequire } from "node:module";
import { copy, word } from "./values.js";

const { type: reference, Delta } = createRequire(import.meta.url)("rich-text");

const NAMES = ["bold", "color", "x"];
const VALUES = [true, null, "red", 1, { a: [1] }, { a: [1] }];
const EMBEDS = [{ image: 1 }, { image: 2 }, {}];
const WRONG = [
    {}, null, 5, { insert: "" }, { insert: 5 }, { insert: null }, { insert: [1] }, { retain: 0 },
    { retain: -1 }, { retain: 1.5 }, { retain: "1" }, { retain: { a: 1 } }, { delete: 0 },
    { delete: 1, attributes: { a: 1 } }, { insert: "x", attributes: {} }, { retain: 1000 },
    { delete: 1000 }, { insert: "x", retain: 1 }, { insert: "x", attributes: null },
    { insert: "x", attributes: { toString: 1 } }, { insert: "x", other: 1 },
];

function attributes(random) {
    const members = Array.from({ length: random.below(3) },
        () => [random.pick(NAMES), random.pick(VALUES)]);

    return members.length > 0 ? { attributes: Object.fromEntries(members) } : {};
}

function insertion(random) {
    const insert = random.chance(0.25) ? random.pick(EMBEDS) : word(random);

    return { insert, ...attributes(random) };
}

export function document(random) {
    const delta = new Delta();

    for (let parts = random.below(6); parts > 0; parts--)
        delta.push(insertion(random));
    return copy(delta);
}

/** The lengths of the document's code points and embeds. */
function lengths({ ops }) {
    return ops.flatMap(({ insert }) =>
        typeof insert === "string" ? [...insert].map((point) => point.length) : [1]);
}

/** An operation on the document. Now and then its parts are not joined: the reference takes them
 * as they are, and so do we. */
export function operation(random, content) {
    const units = lengths(content);
    const raw = [];
    const delta = new Delta();
    const asTheyAre = random.chance(0.2);
    const put = (part) => (asTheyAre ? raw.push(part) : delta.push(part));

    for (let at = 0; random.chance(0.8);) {
        if (at === units.length || random.chance(0.3)) {
            put(insertion(random));
            continue;
        }
        const points = 1 + random.below(Math.min(units.length - at, 5));
        const length = units.slice(at, at + points).reduce((sum, each) => sum + each);
        put(random.chance(0.35) ? { delete: length } : { retain: length, ...attributes(random) });
        at += points;
    }
    return copy(asTheyAre ? { ops: raw } : delta);
}

function spoil(random, { ops }) {
    const spoiled = [...ops];

    spoiled.splice(random.below(ops.length + 1), 0, random.pick(WRONG));
    return { ops: spoiled };
}

/** The reference inverts a change of a null attribute into something else. */
function invertible(content) {
    return !JSON.stringify(content).includes("null");
}

export function round(random) {
    const content = document(random);
    const a = operation(random, content);
    const b = operation(random, content);
    const c = operation(random, copy(reference.apply(copy(content), copy(a))));
    const bad = spoil(random, b);
    const ask = (name, args, expected, loose = false) =>
        ({ function: name, arguments: args, expected, loose });

    return [
        ask("apply", [content, a], () => reference.apply(copy(content), copy(a))),
        ask("compose", [a, c], () => reference.compose(copy(a), copy(c))),
        ...["left", "right"].map((side) =>
            ask("transform", [a, b, side], () => reference.transform(copy(a), copy(b), side))),
        ...[0, 2, 5].map((position) =>
            ask("move_position", [a, position, position === 2],
                () => reference.transformCursor(position, new Delta(copy(a)), position === 2))),
        ...(invertible(content) ? [ask("invert", [a, content],
            () => new Delta(copy(a)).invert(new Delta(copy(content))))] : []),
        ask("apply", [content, bad], null, true),
    ];
}
