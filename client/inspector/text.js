/**
 * What is shown of what the server says. Names and operations are other people's words: nothing in
 * them is markup here, and nothing in them may hide, or turn its neighbours around.
 */

/** Characters that have no shape of their own, or change the direction of others. */
const UNSEEN =
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const SAFE_WORD = /^[\w./:@%+=,][\w./:@%+=,-]*$/;
const THOUSANDS = ['', ' k', ' M', ' G', ' T'];
const SHORT_MAX = 160;
const LINE_MAX = 80;

/** @param {string} text */
export function visible(text) {
    return text.replace(
        UNSEEN,
        (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/**
 * A JSON value in one line, cut when it is long.
 *
 * @param {unknown} value
 */
export function shortened(value) {
    const text = JSON.stringify(value) ?? '';
    const cut = [...text.slice(0, SHORT_MAX + 1)];
    return visible(text.length > SHORT_MAX ? `${cut.slice(0, -1).join('')}…` : text);
}

/**
 * A JSON value over as many lines as it takes to be read.
 *
 * @param {unknown} value
 */
export function spread(value) {
    const line = JSON.stringify(value) ?? '';
    if (line.length <= LINE_MAX) return visible(line);
    const lines = (JSON.stringify(value, null, 2) ?? '').split('\n');
    return lines.map(visible).join('\n');
}

/**
 * A word as a shell reads it; what cannot be seen is written as bash has it.
 *
 * @param {string} word
 */
export function shellWord(word) {
    if (visible(word) !== word) return `$'${visible(word.replace(/[\\']/g, '\\$&'))}'`;
    return SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A number in a few letters.
 *
 * @param {number} value
 * @param {number} [base] 1,000, or 1,024
 */
export function brief(value, base = 1000) {
    let at = 0;
    while (value >= base && at < THOUSANDS.length - 1) {
        value /= base;
        at++;
    }
    const digits = value < 10 && value % 1 !== 0 ? 1 : 0;
    return value.toFixed(digits).replace('.0', '') + THOUSANDS[at];
}

/** @param {number} count */
export function bytes(count) {
    const text = brief(count, 1024).toUpperCase();
    return text.includes(' ') ? `${text}iB` : `${text} B`;
}

/** @param {number} number */
export function whole(number) {
    return number.toLocaleString('en');
}

/** @param {number} ms */
export function duration(ms) {
    const seconds = Math.floor(ms / 1000);
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    const hours = Math.floor(seconds / 3600);
    if (hours < 48) return `${hours} h ${Math.floor((seconds % 3600) / 60)} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * The time of day, to the millisecond.
 *
 * @param {number} ms since 1970
 */
export function clock(ms) {
    return new Date(ms).toISOString().slice(11, 23);
}
