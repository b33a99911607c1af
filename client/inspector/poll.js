const EVERY_MS = 1000;
const PATIENCE_MS = 5000;

/**
 * Asks the server for one thing again and again: the next time a second after the last answer came,
 * so that a slow server is not asked faster than it answers.
 */
export class Poll {
    #path;
    #told;
    #failed;
    /** @type {AbortController | null} of the question under way, or waited for */
    #running = null;

    /**
     * @param {string} path
     * @param {(answer: any) => void} told
     * @param {(code: number) => void} failed with the HTTP status, 0 when there was no answer
     */
    constructor(path, told, failed) {
        this.#path = path;
        this.#told = told;
        this.#failed = failed;
    }

    start() {
        this.stop();
        this.#running = new AbortController();
        this.#run(this.#running);
    }

    stop() {
        this.#running?.abort();
        this.#running = null;
    }

    /** @param {AbortController} running */
    async #run(running) {
        while (!running.signal.aborted) {
            const { code, answer } = await this.#ask(running.signal);
            if (running.signal.aborted) return;
            if (answer !== undefined) this.#told(answer);
            else this.#failed(code);
            await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
        }
    }

    /**
     * @param {AbortSignal} stopped
     * @returns {Promise<{ code: number, answer?: any }>}
     */
    async #ask(stopped) {
        const patience = new AbortController();
        const end = () => patience.abort();
        const timer = setTimeout(end, PATIENCE_MS);
        stopped.addEventListener('abort', end);
        try {
            const response = await fetch(this.#path, { signal: patience.signal });
            if (!response.ok) return { code: response.status };
            return { code: response.status, answer: await response.json() };
        } catch {
            return { code: 0 };
        } finally {
            clearTimeout(timer);
            stopped.removeEventListener('abort', end);
        }
    }
}
