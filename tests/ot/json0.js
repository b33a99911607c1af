// `json0` beside ot-json0, with the types that it may embed.
import { createRequire } from "node:module";
import { copy, name, offset, value, word } from "./values.js";
import * as rich from "./rich.js";

const require = createRequire(import.meta.url);
const { type: reference } = require("ot-json0");
const { type: text } = require("ot-text-unicode");
reference.registerSubtype(text);
reference.registerSubtype(require("rich-text").type);

const SANDBOX = { l: [1, 2], o: { a: 1 }, s: "a😀b", n: 1, r: { ops: [] } };
const WRONG = [
    null, 5, {}, { p: [] }, { oi: 1 }, { p: "a", oi: 1 }, { p: ["l", "0"], ld: 1 },
    { p: ["l", -1], li: 1 }, { p: ["l", 0.5], li: 1 }, { p: ["l", 3], li: 1 },
    { p: ["l", 2], ld: 1 }, { p: ["l", 2], ld: 1, li: 1 }, { p: ["l", 2], lm: 0 },
    { p: ["l", 0], lm: 2 }, { p: ["l", 0], lm: "1" }, { p: ["l", "a"], oi: 1 },
    { p: ["o", 0], oi: 1 }, { p: ["o", 0], li: 1 }, { p: ["o", "b", "c"], oi: 1 },
    { p: ["n"], na: "1" }, { p: ["n"], na: null }, { p: ["s"], na: 1 }, { p: ["o", "x"], na: 1 },
    { p: ["s", 5], si: "x" }, { p: ["s", 2], si: "x" }, { p: ["s", 2], sd: "\ude00" },
    { p: ["s", 1], sd: "x" }, { p: ["s", 0], sd: 5 }, { p: ["s", "0"], si: "x" },
    { p: ["n", 0], si: "x" }, { p: ["o", "__proto__"], oi: 1 },
    { p: ["o", "__proto__", "x"], oi: 1 },
    { p: ["s"], t: "nosuch", o: [] }, { p: ["s"], t: "text0" }, { p: ["s"], t: "text0", o: {} },
    { p: ["s"], t: "text0", o: [{ p: 0 }] },
    { p: ["s"], t: "text0", o: [{ p: 0, i: "a", d: "a" }] },
    { p: ["s"], t: "text-unicode", o: [9] }, { p: ["s"], t: "rich-text", o: [] },
    { p: ["r"], t: "rich-text", o: [{ retain: 1 }] }, { p: ["l", 0], li: 1, oi: 1 },
    { p: ["o", "a"], oi: 1, extra: 1 }, { p: [], od: 1 }, { p: ["n"], na: 1e308, si: "" },
];

/** Every value in the document, with its path. An embedded document is one value. */
function places(document, path = []) {
    const inner = document === null || typeof document !== "object" || isRich(document)
        ? [] : Object.keys(document).map((key) => Array.isArray(document) ? Number(key) : key);

    return [[path, document], ...inner.flatMap((key) => places(document[key], [...path, key]))];
}

function isRich(json) {
    return json !== null && typeof json === "object" && Array.isArray(json.ops);
}

/** Edits of a string. The reference does not move the three ways over each other, so that a
 * document sees one of them. */
const EDITS = {
    string(random, path, string) {
        const from = offset(random, string), to = offset(random, string);

        return from < to ? { p: [...path, from], sd: string.slice(from, to) }
            : { p: [...path, from], si: random.chance(0.05) ? "" : word(random) };
    },
    text0(random, path, string) {
        const o = [];

        for (let parts = random.below(3); parts > 0; parts--) {
            const from = offset(random, string), to = offset(random, string);
            const part = from < to ? { p: from, d: string.slice(from, to) }
                : { p: from, i: word(random) };
            string = string.slice(0, from) + (part.i ?? "") +
                string.slice(from + (part.d ?? "").length);
            o.push(part);
        }
        return { p: path, t: "text0", o };
    },
    text(random, path, string) {
        const points = [...string];
        const skipped = random.below(points.length + 1);
        const deleted = random.below(points.length - skipped + 1);

        const components = [skipped, word(random), { d: deleted }];

        return { p: path, t: "text-unicode",
            o: text.normalize(components.filter((each) => each && each.d !== 0)) };
    },
};

function inList(random, path, element, count) {
    return random.pick([
        () => ({ p: path, ld: copy(element) }),
        () => ({ p: path, ld: copy(element), li: value(random) }),
        () => ({ p: path, lm: random.below(count) }),
        () => ({ p: path, lm: random.below(count) }),
        () => ({ p: path, li: value(random) }),
    ])();
}

function inObject(random, path, object) {
    const member = random.chance(0.5) && Object.keys(object).length > 0
        ? random.pick(Object.keys(object)) : name(random);
    const p = [...path, member];

    if (!Object.hasOwn(object, member))
        return { p, oi: value(random) };
    const od = copy(object[member]);
    return random.chance(0.5) ? { p, od } : { p, od, oi: value(random) };
}

function component(random, document, edit) {
    const [path, here] = random.pick(places(document));
    const container = path.slice(0, -1).reduce((outer, key) => outer[key], document);

    if (path.length === 0 && random.chance(0.05))
        return { p: [], od: copy(here), oi: value(random) };
    if (path.length > 0 && Array.isArray(container) && random.chance(0.5))
        return inList(random, path, here, container.length);
    if (typeof here === "number")
        return { p: path, na: random.pick([1, -1, 0.5, 0, 7]) };
    if (typeof here === "string")
        return EDITS[edit](random, path, here);
    if (isRich(here))
        return { p: path, t: "rich-text", o: { ops: rich.operation(random, here).ops } };
    if (Array.isArray(here))
        return { p: [...path, random.below(here.length + 1)], li: value(random) };
    if (here !== null && typeof here === "object")
        return inObject(random, path, here);
    return component(random, document, edit);
}

function hasPlaces(document) {
    return document !== null && typeof document === "object" && Object.keys(document).length > 0;
}

function operation(random, document, edit) {
    const components = [];
    let content = copy(document);

    for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
        if (!hasPlaces(content))
            break;
        const next = component(random, content, edit);
        components.push(next);
        content = copy(reference.apply(content, copy([next])));
    }
    return [components, content];
}

/** The inverse of text-unicode and rich needs the document, which the reference is not given. */
function invertible(components) {
    return components.every(({ t }) => t === undefined || t === "text0");
}

export function round(random) {
    const edit = random.pick(Object.keys(EDITS));
    const content = random.chance(0.2) ? { r: rich.document(random), l: [rich.document(random), 1] }
        : { a: value(random), b: value(random), s: word(random), l: [1, 2, "abc"] };
    const [a, after] = operation(random, content, edit);
    const [b] = operation(random, content, edit);
    const [c] = operation(random, after, edit);
    const ask = (name, args, expected, loose = false) =>
        ({ function: name, arguments: args, expected, loose });

    return [
        ask("apply", [content, a], () => reference.apply(copy(content), copy(a))),
        ask("compose", [a, c], () => reference.compose(copy(a), copy(c))),
        ...["left", "right"].map((side) =>
            ask("transform", [a, b, side], () => reference.transform(copy(a), copy(b), side))),
        ...(invertible(a) ? [ask("invert", [a, content], () => reference.invert(copy(a)))] : []),
        ask("apply", [SANDBOX, [random.pick(WRONG)]], null, true),
    ];
}
