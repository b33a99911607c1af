import { canonical } from '../canonical.js';

/**
 * A value of one's own: what JSON keeps of it.
 *
 * @param {any} value
 */
export function jsonOf(value) {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/**
 * @param {any} one
 * @param {any} other
 */
export function sameJson(one, other) {
    return one === other || canonical(one) === canonical(other);
}

/** @param {any} value */
export function isObject(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * Half of a surrogate pair is not Unicode and would be refused: it becomes U+FFFD.
 *
 * @param {string} text
 */
export function wellFormed(text) {
    return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}
