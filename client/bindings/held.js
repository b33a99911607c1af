/** @typedef {import('../src/types/type.js').AnyType} AnyType */

/**
 * Operations of others that an editor does not show yet, because it must not be changed now.
 *
 *   shown  --held-->  the document's data
 *
 * What a person does meanwhile is made on what the editor shows: it is moved over what is held,
 * and what is held is moved over it.
 */
export class Held {
    /** @type {any[]} */
    operations = [];
    #type;

    /** @param {AnyType} type */
    constructor(type) {
        this.#type = type;
    }

    get isEmpty() {
        return this.operations.length === 0;
    }

    /** @param {any[]} operations */
    add(operations) {
        this.operations.push(...operations);
    }

    /**
     * @param {any} operation on what the editor shows
     * @returns {any} the same on the document's data
     */
    typed(operation) {
        this.operations = this.operations.map((other) => {
            const after = this.#type.transform(other, operation, 'second');
            operation = this.#type.transform(operation, other, 'first');
            return after;
        });
        return operation;
    }

    /** @returns {any} all of them as one, which the editor is to show now; nothing is held then */
    take() {
        const operation = this.operations.reduce(this.#type.compose, this.#type.empty);
        this.operations = [];
        return operation;
    }
}
