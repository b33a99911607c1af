// The document types beside their reference packages: nanoseconds an operation, and how many times
// faster. `BUILD_DIR=… node bench.js` wants a release build.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Random } from "./random.js";
import * as json0 from "./json0.js";
import * as rich from "./rich.js";
import * as text from "./text.js";
import { copy } from "./values.js";

const require = createRequire(import.meta.url);
const TUTTI = path.resolve(process.env.BUILD_DIR ?? "../../build-release", "tools/tutti");
const TRACES = process.env.TRACES ?? path.resolve(import.meta.dirname, "../../../shared/traces");
const EDITS_MAX = Number(process.env.EDITS ?? 20_000); // of a trace: the packages are slow
const ROUNDS = 2000;
const REFERENCES = {
    json0: require("ot-json0").type,
    rich: require("rich-text").type,
    text: require("ot-text-unicode").type,
};
const GENERATORS = { json0, rich, text };

/** Pairs from the differential rounds, which are small and dense in conflicts. */
function smallPairs(type) {
    const random = new Random(1);
    const workload = { type, name: `${type}, small operations`, document: undefined,
        transform: [], compose: [] };

    for (let i = 0; i < ROUNDS; i++) {
        const questions = GENERATORS[type].round(random).filter(({ loose }) => !loose);
        const find = (name) => questions.find((question) => question.function === name).arguments;
        workload.transform.push(find("transform").slice(0, 2));
        workload.compose.push(find("compose"));
    }
    return workload;
}

/** Typing, deleting and formatting in a rich document of about 100,000 characters. */
function richEdits() {
    const random = new Random(2);
    const ops = Array.from({ length: 2000 }, (unused, i) =>
        ({ insert: `paragraph ${i} has some fifty characters of text\n`,
            ...(i % 2 ? { attributes: { bold: true } } : {}) }));
    let length = ops.reduce((sum, { insert }) => sum + insert.length, 0);
    const operations = Array.from({ length: 2000 }, () => {
        const retain = 1 + random.below(length - 10);
        const kind = random.below(4);
        length += kind === 0 ? -1 : kind === 1 ? 0 : 1;
        const part = kind === 0 ? { delete: 1 }
            : kind === 1 ? { retain: 4, attributes: { color: "red" } } : { insert: "x" };
        return { ops: [{ retain }, part] };
    });

    return { type: "rich", name: "rich, edits of 100 kB", document: { ops }, operations };
}

/** Edits of one document of about 1 MB: numbers, members, elements. */
function json0Edits() {
    const random = new Random(3);
    const rows = Array.from({ length: 10_000 }, (unused, id) =>
        ({ id, title: `row number ${id}`, done: false, tags: ["a", "b"], count: 0 }));
    const operations = Array.from({ length: 5000 }, () => {
        const row = random.below(rows.length);
        return random.pick([
            [{ p: ["rows", row, "count"], na: 1 }],
            [{ p: ["rows", row, "tags", 1], li: "new" }],
            [{ p: ["rows", row, "title", 3], si: "x" }],
            [{ p: ["rows", row, "seen"], oi: true }],
        ]);
    });

    return { type: "json0", name: "json0, edits of 1 MB", document: { rows }, operations };
}

/** A recorded session as operations on text or rich. */
function trace(name, type) {
    const file = path.join(TRACES, `${name}.json.gz`);
    const { startContent, txns } = JSON.parse(gunzipSync(readFileSync(file)));
    const patches = txns.flatMap(({ patches: all }) => all).slice(0, EDITS_MAX);
    const operations = patches.map(([at, deleted, inserted]) => type === "rich"
        ? { ops: [at && { retain: at }, inserted && { insert: inserted },
            deleted && { delete: deleted }].filter(Boolean) }
        : [at, inserted, deleted && { d: deleted }].filter(Boolean));
    const document = type === "rich"
        ? { ops: startContent ? [{ insert: startContent }] : [] } : startContent;

    return { type, name: `${type}, ${name}`, document, operations };
}

function traces() {
    if (!existsSync(TRACES)) {
        console.log("# skipped: no traces");
        return [];
    }
    const names = ["automerge-paper", "rustcode", "sveltecomponent", "friendsforever_flat"];
    return names.map((name) => trace(name, "text")).concat(trace("sveltecomponent", "rich"));
}

/** Nanoseconds for one of `list`, in the best of some passes. */
function best(list, pass) {
    let least = Infinity;

    for (let i = 0, total = 0; i < 20 && total < 500; i++) {
        const begin = process.hrtime.bigint();
        pass(list);
        const taken = Number(process.hrtime.bigint() - begin) / 1e6;
        total += taken;
        least = Math.min(least, taken);
    }
    return least * 1e6 / list.length;
}

function runReference({ type, document, operations, transform, compose }) {
    const reference = REFERENCES[type];
    const result = {};

    if (operations) {
        let content = copy(document);
        const begin = process.hrtime.bigint();
        for (const operation of operations)
            content = reference.apply(content, operation);
        result.apply_ns = Number(process.hrtime.bigint() - begin) / operations.length;
    }
    if (transform)
        result.transform_ns = best(transform,
            (pairs) => pairs.forEach(([a, b]) => reference.transform(a, b, "left")));
    if (compose)
        result.compose_ns = best(compose,
            (pairs) => pairs.forEach(([a, b]) => reference.compose(a, b)));
    return result;
}

async function runTutti(workload) {
    const child = spawn(TUTTI, ["bench", "ot"], { stdio: ["pipe", "pipe", "inherit"] });
    let out = "";

    child.stdout.on("data", (data) => { out += data; });
    child.stdin.end(JSON.stringify(workload) + "\n");
    await new Promise((done) => child.on("close", done));
    return JSON.parse(out);
}

console.log("workload".padEnd(32), "call".padEnd(10), "tutti ns".padStart(10),
    "npm ns".padStart(12), "times".padStart(8));
for (const workload of [...Object.keys(REFERENCES).map(smallPairs), json0Edits(), richEdits(),
    ...traces()]) {
    const ours = await runTutti(workload);
    const theirs = runReference(workload);

    for (const call of ["apply", "transform", "compose"]) {
        const [fast, slow] = [ours[`${call}_ns`], theirs[`${call}_ns`]];
        if (slow !== undefined)
            console.log(workload.name.padEnd(32), call.padEnd(10), fast.toFixed(0).padStart(10),
                slow.toFixed(0).padStart(12), (slow / fast).toFixed(1).padStart(8));
    }
}
