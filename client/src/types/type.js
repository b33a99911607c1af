/**
 * What the client has to know about a kind of document: pure functions over `data`, the state,
 * and operations. Both are immutable values: nothing here changes what it was given.
 *
 *      data --apply(a)--> .  --apply(b')--> .          TP1: both ways end in the same data,
 *        |                                  |                b' = transform(b, a, side)
 *        +---apply(b)---> .  --apply(a')----+                a' = transform(a, b, the other side)
 *
 * @template Data
 * @template Operation
 * @template Draft
 * @typedef {object} Type
 * @property {string} name as on the wire
 * @property {boolean} identity transform is the identity: reconcile by replay
 * @property {boolean} whoBreaksTies the lower `who` goes first (DESIGN: text, rich)
 * @property {'first' | 'second'} left the side of the later one where `who` does not decide
 * @property {Operation} empty changes nothing
 * @property {(data?: any) => Data} create a document from JSON; without, the empty one
 * @property {(operation: any) => Operation} normalize the canonical form of an operation made
 *     by an application; throws when it is none
 * @property {(operation: any) => Operation} decode one that the server sent: the server moved
 *     operations over it in the form in which it came, and so has the client to
 * @property {(data: Data, operation: Operation) => Data} apply throws when it does not fit
 * @property {(operation: Operation, other: Operation, side: 'first' | 'second') => Operation}
 *     transform `operation` as it has to be after `other`; `side` tells where it goes at one place
 * @property {(first: Operation, second: Operation) => Operation} compose throws when one
 *     operation cannot say both
 * @property {(operation: Operation, before: Data) => Operation} invert takes it back
 * @property {(before: Data, after: Data) => Operation} difference from one state to another
 * @property {(operation: Operation) => boolean} isEmpty
 * @property {(operation: Operation, position: number, own: boolean) => number} [movePosition]
 *     where a cursor is after `operation`; an insertion right at it moves it only when `own`
 * @property {(inverse: Operation, operation: Operation, before: Data) => Operation}
 *     [completeInverse] what `inverse` has to be when `operation`, that it takes back, came by
 * @property {(data: Data, newId: () => string) => Draft & { operation: Operation }} draft what
 *     `change` hands to the application: methods that change it, and the operation that they came
 *     to; ids are drawn by `newId`
 */

/** @typedef {Type<any, any, any>} AnyType */

/**
 * @param {'first' | 'second'} side
 * @returns {'first' | 'second'}
 */
export function otherSide(side) {
    return side === 'first' ? 'second' : 'first';
}
