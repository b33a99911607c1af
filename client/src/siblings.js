import { otherSide } from './types/type.js';

/** @typedef {import('./types/type.js').AnyType} AnyType */

/**
 * What a tab has pending on a confirmed state.
 *
 * @typedef {{ seq: number, epoch: number, operations: any[] }} Standing
 */

/**
 * The other tabs of this person, while there is no connection: what they have pending is shown on
 * top of what we have ourselves. Each still sends its own; nothing is handed over.
 *
 *   confirmed  --our pending-->  view  --overlay: theirs, moved over ours-->  what the user sees
 *
 * Only tabs that stand at the same operation can be shown to each other. What the user does on top
 * of the overlay is moved to below it, as if the others' edits had come later.
 */
export class Siblings {
    #channel;
    #tab = String(Math.random());
    /** @type {Map<string, Map<string, Standing>>} of each document, by tab */
    #standings = new Map();
    /** @type {(name: string) => void} something of a sibling's is another way now */
    changed = () => {};
    /** @type {(name: string) => void} somebody wants to know what we have pending */
    asked = () => {};

    /** @param {BroadcastChannel} channel */
    constructor(channel) {
        this.#channel = channel;
        channel.onmessage = ({ data }) => this.#heard(data);
    }

    /** @param {{ tab: string, name: string, standing?: Standing | null }} message */
    #heard({ tab, name, standing }) {
        if (standing === undefined) return this.asked(name);
        const standings = this.#standings.get(name) ?? new Map();
        this.#standings.set(name, standings);
        if (standing === null) standings.delete(tab);
        else standings.set(tab, standing);
        this.changed(name);
    }

    /**
     * @param {string} name
     * @param {Standing | null} standing null: nothing that others should show
     */
    tell(name, standing) {
        this.#channel.postMessage({ tab: this.#tab, name, standing });
    }

    /** @param {string} name */
    ask(name) {
        this.#channel.postMessage({ tab: this.#tab, name });
    }

    close() {
        this.#channel.close();
    }

    /**
     * The operations to show on top of the view, one after the other.
     *
     * @param {string} name
     * @param {import('./peer.js').Peer} peer
     * @returns {any[]}
     */
    overlay(name, { type, seq, epoch, pending }) {
        const ours = pending.map(({ operation }) => operation);
        const below = [...ours];
        for (const [tab, standing] of this.#standings.get(name) ?? []) {
            if (standing.seq !== seq || standing.epoch !== epoch) continue;
            /* Each shows both in the same order. */
            const side = this.#tab < tab ? 'first' : 'second';
            below.push(...movedOver(type, standing.operations, below, side));
        }
        return below.slice(ours.length);
    }

    /**
     * What was done on top of an overlay, as it is below it.
     *
     * @param {AnyType} type
     * @param {any} operation
     * @param {any} view below
     * @param {any[]} overlay
     */
    below(type, operation, view, overlay) {
        if (type.identity) return operation;
        const inverses = overlay.map((each) => {
            const inverse = type.invert(each, view);
            view = type.apply(view, each);
            return inverse;
        });
        return inverses.reduceRight((moved, one) => type.transform(moved, one, 'first'), operation);
    }
}

/**
 * Operations that were made on the same state as others, as they are after those.
 *
 * @param {AnyType} type
 * @param {any[]} operations
 * @param {any[]} others
 * @param {'first' | 'second'} side of the others
 */
function movedOver(type, operations, others, side) {
    return operations.map((operation) => {
        others = others.map((other) => {
            const moved = type.transform(other, operation, side);
            operation = type.transform(operation, other, otherSide(side));
            return moved;
        });
        return operation;
    });
}
