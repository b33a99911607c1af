/**
 * SHA-256 (FIPS 180-4). The platform's own is asynchronous and missing where a page came without
 * TLS; states are hashed between two operations of one message.
 */

/** The first bits of the fractional part of a prime's root; exact, for what is needed of it. */
const fraction = (/** @type {number} */ root) => ((root - Math.floor(root)) * 2 ** 32) | 0;

/** @type {number[]} */
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++)
    if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

const rotated = (/** @type {number} */ word, /** @type {number} */ bits) =>
    (word >>> bits) | (word << (32 - bits));

/**
 * One block of 64 bytes.
 *
 * @param {Int32Array} state
 * @param {Int32Array} words the block's 16 in front
 */
function compress(state, words) {
    for (let i = 16; i < 64; i++) {
        const [a, b] = [words[i - 15], words[i - 2]];
        const low = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3);
        const high = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10);
        words[i] = words[i - 16] + low + words[i - 7] + high;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
        const choice = (e & f) ^ (~e & g);
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const one = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
        const zero = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
        const first = h + one + choice + ROUNDS[i] + words[i];
        h = g;
        g = f;
        f = e;
        e = (d + first) | 0;
        d = c;
        c = b;
        b = a;
        a = (first + zero + majority) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
}

/**
 * The first 64 bits of the digest of a text's UTF-8, as 16 hexadecimal digits.
 *
 * @param {string} text
 */
export function hash64(text) {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array((bytes.length + 72) & ~63);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Int32Array.from(START);
    const words = new Int32Array(64);
    for (let at = 0; at < padded.length; at += 64) {
        for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
        compress(state, words);
    }
    return [...state.subarray(0, 2)]
        .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
        .join('');
}
