import { draw, make, write } from './elements.js';
import { WINDOW_MS } from './series.js';

/** @typedef {import('./series.js').Point} Point */

/** The drawing in its own units; the page stretches it. */
const WIDTH = 240;
const HEIGHT = 48;

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * A round number that is not below, in units of the base's powers.
 *
 * @param {number} value
 * @param {number} base 1,000, or 1,024
 */
function ceiling(value, base) {
    if (value <= 1) return 1;
    const unit = base ** Math.floor(Math.log(value) / Math.log(base));
    return unit * (STEPS.find((step) => step * unit >= value) ?? base);
}

/** One figure over the last two minutes, as a line over its ground. */
export class Chart {
    #title;
    #format;
    #base;
    #now = make('p', 'now', '–');
    #most = make('span', 'most');
    #line = draw('path', { class: 'line' });
    #ground = draw('path', { class: 'ground' });
    #svg = draw(
        'svg',
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
        draw('path', { class: 'grid', d: `M0 .5H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}` }),
        this.#ground,
        this.#line,
    );
    element = make('figure', 'card chart');

    /**
     * @param {string} title
     * @param {(value: number) => string} format
     * @param {number} base what the format counts by
     */
    constructor(title, format, base) {
        this.#title = title;
        this.#format = format;
        this.#base = base;
        const head = make('figcaption', '', make('span', '', title), this.#most);
        this.element.append(head, this.#now, this.#svg);
    }

    /**
     * @param {Point[]} points
     * @param {number} now
     */
    show(points, now) {
        const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
        const top = ceiling(Math.max(0, ...values), this.#base);
        const x = (/** @type {number} */ at) =>
            (Math.max(0, 1 - (now - at) / WINDOW_MS) * WIDTH).toFixed(1);
        const y = (/** @type {number} */ value) =>
            (HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1);
        let [line, ground] = ['', ''];
        for (const run of runsOf(points)) {
            const path = run.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L');
            line += `M${path}`;
            ground += `M${x(run[0].at)} ${HEIGHT}L${path}L${x(run[run.length - 1].at)} ${HEIGHT}Z`;
        }
        this.#line.setAttribute('d', line);
        this.#ground.setAttribute('d', ground);
        this.#tell(values, points[points.length - 1]?.value ?? null, top);
    }

    /**
     * @param {number[]} values
     * @param {number | null} last
     * @param {number} top
     */
    #tell(values, last, top) {
        const said = last === null ? 'unknown' : this.#format(last);
        write(this.#now, last === null ? '–' : said);
        write(this.#most, values.length === 0 ? '' : this.#format(top));
        const most = values.length === 0 ? '' : `, at most ${this.#format(Math.max(...values))}`;
        const label = `${this.#title}: now ${said}${most} in the last two minutes`;
        this.#svg.setAttribute('aria-label', label);
    }
}

/**
 * Points that follow one another without a gap.
 *
 * @param {Point[]} points
 */
function runsOf(points) {
    /** @type {{ at: number, value: number }[][]} */
    const runs = [];
    let open = false;
    for (const { at, value } of points) {
        if (value !== null && open) runs[runs.length - 1].push({ at, value });
        else if (value !== null) runs.push([{ at, value }]);
        open = value !== null;
    }
    return runs;
}
