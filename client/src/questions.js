import { TuttiError } from './status.js';

/**
 * Questions that a server answers one by one: the next is asked when the one before has its
 * answer, and all that have none are asked again on a new connection.
 */
export class Questions {
    #send;
    #count = 0;
    /** @type {{ number: number, words: any[], settle: (answer: any) => void }[]} */
    #waiting = [];

    /** @param {(message: any[]) => void} send */
    constructor(send) {
        this.#send = send;
    }

    /**
     * @param {any[]} words the message, without its number
     * @param {boolean} online
     * @returns {Promise<any>} rejects with a `TuttiError` when the answer is one
     */
    ask(words, online) {
        return new Promise((resolve, reject) => {
            const settle = (/** @type {any} */ { code, text, ...answer }) =>
                code === undefined ? resolve(answer) : reject(new TuttiError(code, text));
            this.#waiting.push({ number: ++this.#count, words, settle });
            if (online && this.#waiting.length === 1) this.connected();
        });
    }

    /** Ask the first one, maybe again. */
    connected() {
        const [first] = this.#waiting;
        if (first === undefined) return;
        const [word, ...rest] = first.words;
        this.#send([word, first.number, ...rest]);
    }

    /**
     * @param {number} number
     * @param {any} answer
     */
    answered(number, answer) {
        if (this.#waiting[0]?.number !== number) return;
        /** @type {any} */ (this.#waiting.shift()).settle(answer);
        this.connected();
    }
}
