/**
 * Names and colours for whoever is here. Both come from `who` alone, so that everybody gives
 * somebody the same ones, also after that one has left.
 */
const MANNERS = ['Allegro', 'Andante', 'Brillante', 'Cantabile', 'Dolce', 'Giocoso', 'Largo',
    'Legato', 'Maestoso', 'Presto', 'Sereno', 'Vivace']; // prettier-ignore
const INSTRUMENTS = ['Bassoon', 'Celesta', 'Cello', 'Clarinet', 'Cornet', 'Flute', 'Harp', 'Horn',
    'Lute', 'Oboe', 'Organ', 'Piano', 'Piccolo', 'Timpani', 'Trumpet', 'Tuba', 'Viola',
    'Violin']; // prettier-ignore

/**
 * @param {string} who
 * @param {number} seed
 */
function hash(who, seed) {
    let sum = seed;
    for (const letter of who) sum = Math.imul(sum ^ letter.charCodeAt(0), 16777619) >>> 0;
    return sum ^ (sum >>> 15);
}

/** @param {string} who */
export function nameOf(who) {
    const manner = MANNERS[(hash(who, 7) >>> 0) % MANNERS.length];
    return `${manner} ${INSTRUMENTS[(hash(who, 99) >>> 0) % INSTRUMENTS.length]}`;
}

/**
 * A hue in degrees.
 *
 * @param {string} who
 */
export function hueOf(who) {
    return ((hash(who, 31) >>> 0) % 24) * 15;
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
    return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
