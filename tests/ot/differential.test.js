// Each document type beside its reference package: the same operations in, the same bytes of
// canonical JSON out.
//
//   SEED=7 node --test               another seed
//   ROUNDS=100000 node --test        more rounds a seed
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical, Filter } from "./filter.js";
import { Random } from "./random.js";
import * as json0 from "./json0.js";
import * as rich from "./rich.js";
import * as text from "./text.js";
import * as tree from "./tree.js";

const TYPES = { json0, rich, text, tree };
const ROUNDS = Number(process.env.ROUNDS ?? (process.env.SOAK ? 200_000 : 20_000));
const SEED = Number(process.env.SEED ?? 1);
const BATCH = 200;

function expect(question) {
    try {
        return canonical(question.expected());
    } catch {
        return null;
    }
}

/** Nothing, or what is wrong with an answer. The reference is not asked where it is sloppy: it may
 * not return. */
function judge(question, answer) {
    const expected = question.loose ? null : expect(question);

    if (expected === null ? answer.startsWith('{"error":') : answer === `{"result":${expected}}`)
        return;
    const asked = JSON.stringify({ function: question.function, arguments: question.arguments });
    return `${asked}\n  expected ${expected ?? "a refusal"}\n  answered ${answer}`;
}

for (const [type, { round }] of Object.entries(TYPES)) {
    test(`${type} answers as its reference does: ${ROUNDS} rounds from seed ${SEED}`, async (t) => {
        const filter = new Filter();
        t.after(() => filter.close());
        const random = new Random(SEED);
        let asked = 0;

        for (let rounds = 0; rounds < ROUNDS; rounds += BATCH) {
            const questions = Array.from({ length: BATCH }, () => round(random)).flat();
            const lines = questions.map((question) =>
                ({ type, function: question.function, arguments: question.arguments }));
            const answers = await filter.ask(lines);

            asked += questions.length;
            questions.forEach((question, i) => {
                const wrong = judge(question, answers[i]);
                assert.ok(!wrong, `seed ${SEED}, question ${asked}: ${wrong}`);
            });
        }
        t.diagnostic(`${asked} questions`);
    });
}
