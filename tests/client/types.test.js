/**
 * The document types of the JavaScript client beside those of the server: the same answers to the
 * same questions. A difference of two documents may be another one, but has to lead there.
 *
 *   SEED=7 ROUNDS=100000 node --test types.test.js
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { canonical } from '../../client/src/canonical.js';
import { counter } from '../../client/src/types/counter.js';
import { json0 } from '../../client/src/types/json0.js';
import { rich } from '../../client/src/types/rich.js';
import { text } from '../../client/src/types/text.js';
import { tree } from '../../client/src/types/tree.js';
import { Filter } from '../ot/filter.js';
import * as json0Rounds from '../ot/json0.js';
import { Random } from '../ot/random.js';
import * as richRounds from '../ot/rich.js';
import * as textRounds from '../ot/text.js';
import * as keyRounds from '../ot/tree.js';
import * as counterRounds from './counter-rounds.js';
import * as treeRounds from './tree-rounds.js';

const ROUNDS = Number(process.env.ROUNDS ?? (process.env.SOAK ? 20_000 : 300));
const SEED = Number(process.env.SEED ?? 1);
const BATCH = 100;

const require = createRequire(new URL('../ot/', import.meta.url));
json0.registerSubtype(require('ot-text-unicode').type);
json0.registerSubtype(require('rich-text').type);

/** Which arguments are operations; the client sends them in the one form that it has for each. */
const OPERATIONS = {
    apply: [1],
    compose: [0, 1],
    invert: [0],
    move_position: [0],
    transform: [0, 1],
};

/** The question with operations as the client would send them; none when it would not. */
function normalized(type, { function: name, arguments: args }) {
    const isOperation = (at) => OPERATIONS[name]?.includes(at);
    try {
        const sent = args.map((one, at) => (isOperation(at) ? type.normalize(one) : one));
        return [{ function: name, arguments: sent }];
    } catch {
        return [];
    }
}

/** What the client says to a question; undefined: it refuses. */
function answerOf(type, { function: name, arguments: args }) {
    const document = (at) => type.create(args[at]);
    const operation = (at) => type.normalize(args[at]);
    const left = type === rich ? 'second' : 'first';
    const sides = { left, right: left === 'first' ? 'second' : 'first' };
    const answers = {
        apply: () => type.apply(document(0), operation(1)),
        compose: () => type.compose(operation(0), operation(1)),
        difference: () => type.difference(document(0), document(1)),
        invert: () => type.invert(operation(0), document(1)),
        key_between: () => type.keyBetween(...args),
        move_position: () => type.movePosition(operation(0), args[1], args[2]),
        transform: () => type.transform(operation(0), operation(1), sides[args[2]]),
    };
    try {
        return answers[name]();
    } catch {
        return undefined;
    }
}

/** The server's answer, in the one form that the client gives to operations. */
function resultOf(type, question, line) {
    const { result } = JSON.parse(line);
    const isOperation = ['compose', 'invert', 'transform'].includes(question.function);
    return isOperation && result !== undefined ? type.normalize(result) : result;
}

async function compare(type, round) {
    const filter = new Filter();
    const random = new Random(SEED);
    let asked = 0;
    try {
        for (let rounds = 0; rounds < ROUNDS; rounds += BATCH) {
            const questions = Array.from({ length: BATCH }, () => round(random)).flat();
            const fair = questions
                .filter(({ loose }) => !loose)
                .flatMap((question) => normalized(type, question));
            const lines = await filter.ask(
                fair.map(({ function: name, arguments: args }) => ({
                    type: type.name,
                    function: name,
                    arguments: args,
                })),
            );
            fair.forEach((question, index) => {
                asked++;
                const ours = answerOf(type, question);
                const theirs = resultOf(type, question, lines[index]);
                const same = canonical(ours ?? null) === canonical(theirs ?? null);
                const told = [JSON.stringify(question), JSON.stringify(ours), lines[index]];
                assert.ok(same, `seed ${SEED}:\n${told.join('\n')}`);
            });
        }
    } finally {
        await filter.close();
    }
    return asked;
}

/** Ways between the documents of a round: [from, operation, to]. */
function waysOf(type, questions) {
    const fair = questions.filter(({ function: name, loose }) => name === 'apply' && !loose);
    return fair.flatMap(({ arguments: args }) => {
        const after = answerOf(type, { function: 'apply', arguments: args });
        if (after === undefined) return [];
        const before = type.create(args[0]);
        const ways = [
            [before, type.difference(before, after), after],
            [after, type.difference(after, before), before],
        ];
        /* The server's names siblings in another order. */
        if (type === tree) ways.push([after, type.invert(type.normalize(args[1]), before), before]);
        return ways;
    });
}

async function follow(type, round) {
    const filter = new Filter();
    const random = new Random(SEED);
    try {
        for (let rounds = 0; rounds < ROUNDS; rounds += BATCH) {
            const questions = Array.from({ length: BATCH }, () => round(random)).flat();
            const ways = waysOf(type, questions);
            const lines = await filter.ask(
                ways.map(([from, operation]) => ({
                    type: type.name,
                    function: 'apply',
                    arguments: [from, operation],
                })),
            );
            ways.forEach((way, index) => {
                const { result } = JSON.parse(lines[index]);
                const told = `seed ${SEED}: ${JSON.stringify(way)} ${lines[index]}`;
                assert.equal(canonical(result ?? null), canonical(way[2]), told);
            });
        }
    } finally {
        await filter.close();
    }
}

const CASES = [
    [counter, counterRounds],
    [json0, json0Rounds],
    [rich, richRounds],
    [text, textRounds],
    [tree, treeRounds],
];

for (const [type, { round }] of CASES) {
    test(`${type.name} answers as the server's does`, async (t) => {
        t.diagnostic(`${await compare(type, round)} questions`);
    });
    test(`A difference of ${type.name} leads to what it was told`, () => follow(type, round));
}

test("The keys of tree are the server's", () => compare(tree, keyRounds.round));
