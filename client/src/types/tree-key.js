/**
 * Keys between keys: the position of an object among its siblings. The keys are those of
 * ot/tree_key.h, and of the package fractional-indexing 4.
 *
 * A key is read as a number: a letter that says how many digits the integer part has, these, and a
 * fraction without zeros at its end; all in base 62. Keys sort as bytes.
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SMALLEST = `A${'0'.repeat(26)}`;

/**
 * Digits and letter of an integer part; 0 when `head` is no letter.
 *
 * @param {string} head
 */
function integerSize(head) {
    if (head >= 'a' && head <= 'z') return head.charCodeAt(0) - 97 + 2;
    return head >= 'A' && head <= 'Z' ? 90 - head.charCodeAt(0) + 2 : 0;
}

/** @param {string} key */
const integerOf = (key) => key.slice(0, integerSize(key[0]));
/** @param {string} key */
const fractionOf = (key) => key.slice(integerSize(key[0]));

/** @param {any} key */
export function isKey(key) {
    if (typeof key !== 'string' || !/^[0-9A-Za-z]+$/.test(key)) return false;
    const size = integerSize(key[0]);
    if (size === 0 || size > key.length) return false;
    return key.length === size ? key !== SMALLEST : !key.endsWith('0');
}

/**
 * The digits of a fraction between two, without zeros at the end.
 *
 * @param {string} a empty: 0
 * @param {string | null} b null: 1
 */
function midpoint(a, b) {
    let between = '';
    for (;;) {
        const low = a === '' ? 0 : DIGITS.indexOf(a[0]);
        const high = b === null ? 62 : DIGITS.indexOf(b[0]);
        if (b !== null && low === high) {
            between += b[0];
            b = b.slice(1);
        } else if (high - low > 1) return between + DIGITS[(low + high + 1) >> 1];
        else if (b !== null && b.length > 1) return between + b[0];
        else {
            between += DIGITS[low];
            b = null;
        }
        a = a.slice(1);
    }
}

/**
 * The next integer part, or the one before.
 *
 * @param {string} integer
 * @param {1 | -1} step
 * @returns {string | null}
 */
function stepped(integer, step) {
    const [full, wrapped] = step > 0 ? ['z', '0'] : ['0', 'z'];
    let at = integer.length;
    while (at > 1 && integer[at - 1] === full) at--;
    const tail = wrapped.repeat(integer.length - at);
    if (at > 1)
        return integer.slice(0, at - 1) + DIGITS[DIGITS.indexOf(integer[at - 1]) + step] + tail;
    const head = integer[0];
    if (head === (step > 0 ? 'z' : 'A')) return null;
    const over = step > 0 ? (head === 'Z' ? 'a' : null) : head === 'a' ? 'Z' : null;
    const next = over ?? String.fromCharCode(head.charCodeAt(0) + step);
    return next + (tail + wrapped).slice(0, integerSize(next) - 1);
}

/** @param {string} key */
function before(key) {
    const [integer, fraction] = [integerOf(key), fractionOf(key)];
    if (integer === SMALLEST) return integer + midpoint('', fraction);
    if (fraction !== '') return integer;
    const less = stepped(integer, -1);
    if (less === null) throw new RangeError('nothing comes before the smallest key');
    return less === SMALLEST ? less + midpoint('', null) : less;
}

/** @param {string} key */
function after(key) {
    const integer = integerOf(key);
    return stepped(integer, 1) ?? integer + midpoint(fractionOf(key), null);
}

/**
 * @param {string} a
 * @param {string} b larger
 */
function within(a, b) {
    const integer = integerOf(a);
    if (integer === integerOf(b)) return integer + midpoint(fractionOf(a), fractionOf(b));
    const next = stepped(integer, 1);
    return next !== null && next < b ? next : integer + midpoint(fractionOf(a), null);
}

/**
 * A key between two, in whichever order they come.
 *
 * @param {string | null} a null: the beginning
 * @param {string | null} b null: the end
 * @returns {string}
 */
export function keyBetween(a, b) {
    const right = [a, b].every((key) => key === null || isKey(key));
    if (!right || (a === b && a !== null)) throw new RangeError('there is no key between these');
    if (a === null) return b === null ? 'a0' : before(b);
    if (b === null) return after(a);
    return a < b ? within(a, b) : within(b, a);
}
