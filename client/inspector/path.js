import { draw, tinted } from './elements.js';
import { whole } from './text.js';

/**
 * What an operation was moved over, from what its author had seen to its place in the history:
 *
 *     340 ○──+5──●──●──●──▶■
 *
 * @typedef {object} Moved
 * @property {number} seq
 * @property {number} base
 * @property {string} who
 * @property {{ seq: number, who: string }[]} [path] not there: it cannot be told any more
 * @property {number} [path_left_off] so many came before those
 */

/** As many as there is room for. */
const DOTS_MAX = 7;
const [WIDTH, MIDDLE, STEP] = [232, 12, 15];
const [BEGIN, END] = [62, 226];

/**
 * The path in words.
 *
 * @param {Moved} entry
 */
export function pathText({ base, path, path_left_off = 0 }) {
    const seen = `on ${whole(base)}, `;
    if (path === undefined) return `${seen}moved over what is not known any more`;
    const steps = path.map(({ seq, who }) => `${whole(seq)} by ${who}`);
    if (path_left_off > 0) steps.unshift(`${whole(path_left_off)} others`);
    return `${seen}moved over ${steps.join(', ') || 'nothing'}`;
}

/** @param {Moved} entry */
export function pathDrawing({ base, path, path_left_off = 0, who }) {
    const shown = path?.slice(-DOTS_MAX) ?? [];
    const rest = path ? path.length - shown.length + path_left_off : 0;
    const svg = draw(
        'svg',
        { class: 'path', viewBox: `0 0 ${WIDTH} ${2 * MIDDLE}`, 'aria-hidden': 'true' },
        draw('text', { class: 'base', x: BEGIN - 9, y: MIDDLE + 4 }, whole(base)),
        draw('path', { class: path ? 'run' : 'run unknown', d: `M${BEGIN} ${MIDDLE}H${END - 8}` }),
        draw('circle', { class: 'from', cx: BEGIN, cy: MIDDLE, r: 3.5 }),
        ...shown.map((passed, at) => dot(passed, END - 12 - (shown.length - at) * STEP)),
        draw('path', { class: 'tip', d: `M${END - 13} ${MIDDLE - 4}l6 4l-6 4` }),
        draw('rect', { class: 'to', x: END - 5, y: MIDDLE - 5, width: 10, height: 10, rx: 2 }),
    );
    const place = { class: 'rest', x: BEGIN + 8, y: MIDDLE + 4 };
    if (rest > 0) svg.append(draw('text', place, `+${whole(rest)}`));
    return tinted(svg, who);
}

/**
 * @param {{ seq: number, who: string }} passed
 * @param {number} x
 */
function dot({ seq, who }, x) {
    const title = draw('title', {}, `${whole(seq)} by ${who}`);
    return tinted(draw('circle', { class: 'passed', cx: x, cy: MIDDLE, r: 4.5 }, title), who);
}
