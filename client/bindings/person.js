/** Dark enough for white letters on them. */
const COLOURS = ['#b3261e', '#9a4f00', '#5b6400', '#1b6e2d', '#00696f', '#1a5fb4', '#6a44b5'];
const NAME_LENGTH_MAX = 40;

/**
 * How somebody is shown, from what they tell of themselves: a colour only where it is one, since
 * it goes into a style, and else one that everybody derives from `who`.
 *
 * @param {string} who
 * @param {any} state
 * @returns {{ name: string, colour: string }}
 */
export function personOf(who, state) {
    const sum = [...who].reduce((total, letter) => total * 31 + letter.charCodeAt(0), 0);
    const colour = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(state?.colour)
        ? state.colour
        : COLOURS[sum % COLOURS.length];
    const name = typeof state?.name === 'string' ? state.name.slice(0, NAME_LENGTH_MAX) : '';
    return { name, colour };
}

/**
 * Where somebody's cursor is, within a text of this length; null when they tell of none.
 *
 * @param {any} state
 * @param {number} length
 * @returns {{ anchor: number, head: number } | null}
 */
export function cursorOf(state, length) {
    const [anchor, head = anchor] = Array.isArray(state?.cursor) ? state.cursor : [];
    if (!Number.isSafeInteger(anchor) || !Number.isSafeInteger(head)) return null;
    const within = (/** @type {number} */ at) => Math.max(0, Math.min(at, length));
    return { anchor: within(anchor), head: within(head) };
}

/**
 * Tell the others where our cursor is; the rest of what we tell of ourselves stays.
 *
 * @param {import('../src/presence.js').Presence} presence
 * @param {number} anchor
 * @param {number} head
 */
export function tellCursor(presence, anchor, head) {
    const { own } = presence;
    const [before, after] = own?.cursor ?? [];
    if (before !== anchor || after !== head) presence.set({ ...own, cursor: [anchor, head] });
}

/** @param {import('../src/presence.js').Presence} presence */
export function forgetCursor(presence) {
    if (presence.own?.cursor === undefined) return;
    const { cursor: _, ...rest } = presence.own;
    presence.set(rest);
}
