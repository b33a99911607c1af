/**
 * JSON in the form that is equal for equal values (RFC 8785): names sorted by UTF-16 units, no
 * spaces; numbers and strings are JavaScript's own.
 *
 * @param {any} value
 * @returns {string}
 */
export function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    const members = Object.keys(value)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(',')}}`;
}
