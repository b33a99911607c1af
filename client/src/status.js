/** The codes of the wire that a client treats by name; their hundreds are the class. */
export const STATUS = Object.freeze({
    WHO_TAKEN: 102,
    REBASE: 103,
    BEHIND: 104,
    TOO_LARGE: 202,
    MALFORMED_OPERATION: 207,
    NOT_APPLICABLE: 208,
    TYPE_UNKNOWN: 209,
    TYPE_DIFFERS: 210,
    DELETED: 213,
    NOT_OPEN: 214,
    REPEATED: 217,
    OVERFLOW: 218,
    TAKEN: 400,
    PROTOCOL: 402,
});

/**
 * What a client does with a code: `retry` sends the same again, `fix` never as it is, `login`
 * gets a new token first, `final` does not come back by itself.
 *
 * @param {number} code
 * @returns {'retry' | 'fix' | 'login' | 'final'}
 */
export function statusClass(code) {
    if (code >= 100 && code < 200) return 'retry';
    if (code >= 300 && code < 400) return 'login';
    return code >= 400 ? 'final' : 'fix';
}

/** Something that the server, or this client in its place, does not do. */
export class TuttiError extends Error {
    /**
     * @param {number} code
     * @param {string} text
     */
    constructor(code, text) {
        super(text);
        this.name = 'TuttiError';
        this.code = code;
        this.class = statusClass(code);
    }
}
