/** How far back the charts go. */
export const WINDOW_MS = 120_000;
/** Longer without an answer, and a chart shows a gap. */
const GAP_MS = 4000;

/** @typedef {{ at: number, answer: any }} Sample */

/**
 * What `GET /api/server` said, each time it was asked, for as long as the charts go back.
 *
 * @typedef {{ at: number, value: number | null }} Point `value` is null where nothing is known
 */
export class Series {
    /** @type {Sample[]} */
    #samples = [];

    /**
     * @param {number} at our clock in ms
     * @param {any} answer
     */
    add(at, answer) {
        this.#samples.push({ at, answer });
        /* One more than is shown: a rate needs the answer before it. */
        while (this.#samples.length > 2 && this.#samples[1].at < at - WINDOW_MS)
            this.#samples.shift();
    }

    /**
     * What was at each answer.
     *
     * @param {(answer: any) => number} level
     * @returns {Point[]}
     */
    levels(level) {
        return this.#points((_, { at, answer }) => ({ at, value: level(answer) }));
    }

    /**
     * By how much something grew in a second, from one answer to the next, by the server's clock.
     *
     * @param {(answer: any) => number} total
     * @returns {Point[]}
     */
    rates(total) {
        return this.#points((before, { at, answer }) => {
            if (before === undefined || isOther(before.answer, answer)) return { at, value: null };
            const seconds = (answer.time_ms - before.answer.time_ms) / 1000;
            const grown = total(answer) - total(before.answer);
            return { at, value: seconds > 0 ? grown / seconds : null };
        });
    }

    /** @param {(before: Sample | undefined, now: Sample) => Point} measure */
    #points(measure) {
        /** @type {Point[]} */
        const points = [];
        this.#samples.forEach((now, i) => {
            const before = this.#samples[i - 1];
            if (before && now.at - before.at > GAP_MS) points.push({ at: before.at, value: null });
            points.push(measure(before, now));
        });
        return points;
    }
}

/**
 * Did the server start again in between? Its totals begin at 0 then.
 *
 * @param {any} before
 * @param {any} now
 */
function isOther(before, now) {
    return now.uptime_ms < before.uptime_ms;
}
