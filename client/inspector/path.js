import { draw, tinted } from './elements.js';
import { whole } from './text.js';

/**
 * What an operation was moved over, from what its author had seen to its place in the history:
 *
 *     340 ○──●──●──● +5 ──▶■
 *
 * @typedef {{ seq: number, base: number, who: string, path: { seq: number, who: string }[],
 *     path_left_off?: number }} Moved
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
    if (path.length === 0) return `on ${whole(base)}, moved over nothing`;
    const named = path.map(({ seq, who }) => `${whole(seq)} by ${who}`);
    const more = path_left_off > 0 ? ` and ${whole(path_left_off)} more` : '';
    return `on ${whole(base)}, moved over ${named.join(', ')}${more}`;
}

/** @param {Moved} entry */
export function pathDrawing(entry) {
    const { base, path, path_left_off = 0, who } = entry;
    const dots = path.slice(0, DOTS_MAX).map(({ seq, who: whose }, at) => {
        const title = draw('title', {}, `${whole(seq)} by ${whose}`);
        const dot = { class: 'passed', cx: BEGIN + (at + 1) * STEP, cy: MIDDLE, r: 4.5 };
        return tinted(draw('circle', dot, title), whose);
    });
    const hidden = path.length - dots.length + path_left_off;
    const more = { class: 'rest', x: BEGIN + (DOTS_MAX + 0.7) * STEP, y: MIDDLE + 4 };
    const svg = draw(
        'svg',
        { class: 'path', viewBox: `0 0 ${WIDTH} ${2 * MIDDLE}`, 'aria-hidden': 'true' },
        draw('text', { class: 'base', x: BEGIN - 9, y: MIDDLE + 4 }, whole(base)),
        draw('path', { class: 'run', d: `M${BEGIN + 4} ${MIDDLE}H${END - 8}` }),
        draw('circle', { class: 'from', cx: BEGIN, cy: MIDDLE, r: 3.5 }),
        ...dots,
        draw('path', { class: 'tip', d: `M${END - 13} ${MIDDLE - 4}l6 4l-6 4` }),
        draw('rect', { class: 'to', x: END - 5, y: MIDDLE - 5, width: 10, height: 10, rx: 2 }),
    );
    if (hidden > 0) svg.append(draw('text', more, `+${whole(hidden)}`));
    return tinted(svg, who);
}
