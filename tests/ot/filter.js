import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const TUTTI = path.resolve(process.env.BUILD_DIR ?? "../../build", "tools/tutti");

/** JSON with sorted names: the one form that `tutti ot` writes (RFC 8785). */
export function canonical(value) {
    if (Array.isArray(value))
        return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object")
        return JSON.stringify(value);
    const members = Object.keys(value).sort()
        .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(",")}}`;
}

/** `tutti ot`, running. */
export class Filter {
    constructor() {
        this.process = spawn(TUTTI, ["ot"], { stdio: ["pipe", "pipe", "inherit"] });
        this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    }

    /** The answers to some questions, each a line of JSON. */
    async ask(questions) {
        const answers = [];

        this.process.stdin.write(questions.map((each) => JSON.stringify(each) + "\n").join(""));
        for (const question of questions) {
            const { value, done } = await this.lines.next();
            if (done)
                throw new Error(`tutti ot ended at ${JSON.stringify(question)}`);
            answers.push(value);
        }
        return answers;
    }

    async close() {
        this.process.stdin.end();
        const [status] = await once(this.process, "exit");
        if (status !== 0)
            throw new Error(`tutti ot ended with ${status}`);
    }
}
