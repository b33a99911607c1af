// `text` beside ot-text-unicode.
import { createRequire } from "node:module";

const { type: reference } = createRequire(import.meta.url)("ot-text-unicode");

const DOCUMENT_MAX = 2 ** 24; // bytes
const ALPHABET = [..."ab \n\"\\\u0000é€😀𝄞"];
const WRONG = [
    true, null, 0, -1, 1.5, "", [], {}, { d: 0 }, { d: "" }, { d: 1.5 }, { d: true }, { d: [1] },
    { d: 1, e: 1 }, { i: "x" }, 1e300, { d: 1e300 }, 3, { d: 2 }, { d: "zz" }, "x",
];
const WHOLLY_WRONG = [
    5, "x", {}, [1, 2, "x"], ["x", 3], ["a", "b"], [{ d: 1 }, { d: "é" }, { d: 1 }],
];

function text(random, length) {
    return Array.from({ length }, () => random.pick(ALPHABET)).join("");
}

/** An operation on the document, in normal form: edits close together, so that two collide. */
function operation(random, document) {
    const points = [...document];
    const components = [];
    let at = 0;

    for (let edits = random.below(4); edits >= 0; edits--) {
        const skipped = random.below(Math.min(points.length - at, 4) + 1);
        if (skipped > 0)
            components.push(skipped);
        at += skipped;
        const deleted = random.below(Math.min(points.length - at, 4) + 1);
        if (random.chance(0.5))
            components.push(text(random, 1 + random.below(3)));
        if (deleted > 0 && random.chance(0.6)) {
            const standing = points.slice(at, at + deleted).join("");
            components.push({ d: random.chance(0.5) ? deleted : standing });
            at += deleted;
        }
        if (random.chance(0.2))
            components.push(text(random, 1));
    }
    return reference.normalize(components);
}

/** The same with something about it that is likely wrong. */
function spoil(random, components) {
    const spoiled = structuredClone(components);

    switch (random.below(4)) {
    case 0:
        spoiled.splice(random.below(spoiled.length + 1), 0, random.pick(WRONG));
        return spoiled;
    case 1:
        spoiled.splice(random.below(spoiled.length), 1, random.pick(WRONG));
        return spoiled;
    case 2:
        return [1 + random.below(20), ...spoiled];
    default:
        return random.pick(WHOLLY_WRONG);
    }
}

function isLength(value) {
    return Number.isInteger(value) && value > 0 && value <= DOCUMENT_MAX;
}

function isText(value) {
    return typeof value === "string" && value !== "";
}

/** Is every component of a form that the reference documents, and not beyond all documents? */
function isFormed(components) {
    return components.every((component) => {
        if (component === null || typeof component !== "object")
            return isLength(component) || isText(component);
        return Object.keys(component).join() === "d" &&
            (isLength(component.d) || isText(component.d));
    });
}

/** Does it stay within the document, and delete what stands there? */
function fits(components, document) {
    const points = [...document];
    let at = 0;

    for (const component of reference.normalize(structuredClone(components))) {
        if (typeof component === "string")
            continue;
        const counted = component.d ?? component;
        const length = typeof counted === "number" ? counted : [...counted].length;
        if (at + length > points.length)
            return false;
        const standing = points.slice(at, at + length).join("");
        if (typeof component.d === "string" && standing !== component.d)
            return false;
        at += length;
    }
    return true;
}

/** What is known about an operation before anything is asked. */
function judge(components, document) {
    try {
        reference.checkOp(components);
    } catch {
        return { strict: true, fits: true }; // both refuse
    }
    const strict = isFormed(components);
    return { strict, fits: strict && fits(components, document) };
}

/** The reference on its normal form, as a ShareDB client uses it. */
function normal(components) {
    reference.checkOp(components);
    return reference.normalize(structuredClone(components));
}

/** One round of questions. `expected` throws where the reference refuses; `loose` says that it is
 * sloppy there and that we refuse. */
export function round(random) {
    const document = text(random, random.below(12));
    const a = operation(random, document);
    const b = operation(random, document);
    const c = operation(random, reference.apply(document, a));
    const bad = spoil(random, b);
    const judged = judge(bad, document);
    const ask = (name, args, expected, loose = false) =>
        ({ function: name, arguments: args, expected, loose });

    return [
        ask("apply", [document, a], () => reference.apply(document, a)),
        ask("compose", [a, c], () => reference.compose(a, c)),
        ask("invert", [a, document], () => reference.invertWithDoc(a, document)),
        ...["left", "right"].map((side) =>
            ask("transform", [a, b, side], () => reference.transform(a, b, side))),
        ...[0, 3, 7].map((position) =>
            ask("move_position", [a, position, false],
                () => reference.transformPosition(position, a))),
        ask("apply", [document, bad], () => reference.apply(document, bad), !judged.fits),
        ask("transform", [bad, a, "left"],
            () => reference.transform(normal(bad), a, "left"), !judged.strict),
        ask("transform", [a, bad, "right"],
            () => reference.transform(a, normal(bad), "right"), !judged.strict),
    ];
}
