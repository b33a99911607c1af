// The keys of `tree` beside fractional-indexing. The tree itself has no reference package: its laws
// are in tests/ot/test_tree_content.c.
import { generateKeyBetween } from "fractional-indexing";

const DIGITS = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];
const HEADS = [..."AZYabz0!"];
const SMALLEST = "A" + "0".repeat(26);

/** The digits of a key's integer part. */
function integerDigits(head) {
    return head >= "a" ? head.charCodeAt(0) - 96 : 91 - head.charCodeAt(0);
}

/** A key near the ends of its integer part, or with a digit too many or too few. */
function key(random) {
    if (random.chance(0.1))
        return null;
    const head = random.pick(random.chance(0.3) ? HEADS : DIGITS);
    const count = Math.max(0, integerDigits(head)) + (random.chance(0.05) ? -1 : 0);
    const digit = random.pick([() => "0", () => "z", () => random.pick(DIGITS)]);
    const integer = Array.from({ length: Math.max(0, count) }, digit).join("");
    const fraction = Array.from({ length: random.below(4) },
        () => random.pick(["0", "z", "V", random.pick(DIGITS)])).join("");

    return head + integer + fraction;
}

/** A key that the package finds between two of its own. */
function near(random, a) {
    try {
        return generateKeyBetween(a, random.chance(0.5) ? null : key(random));
    } catch {
        return key(random);
    }
}

export function round(random) {
    const a = key(random);
    const b = random.chance(0.5) ? near(random, a) : key(random);

    return [
        { function: "key_between", arguments: [a, b],
            expected() {
                const between = generateKeyBetween(a, b);
                // The package then makes a key that it refuses itself.
                return between === SMALLEST ? `${SMALLEST}V` : between;
            } },
    ];
}
