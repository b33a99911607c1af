/**
 * What each document type is made of, for those who check types. Nothing is loaded for it.
 *
 * @typedef {object} Any
 * @property {any} data
 * @property {any} operation
 * @property {any} draft
 * @property {any} type
 *
 * @typedef {object} Text
 * @property {string} data
 * @property {import('./text.js').TextOperation} operation
 * @property {import('./text.js').TextDraft} draft
 * @property {typeof import('./text.js').text} type
 *
 * @typedef {object} Rich
 * @property {import('./rich.js').RichDelta} data
 * @property {import('./rich.js').RichDelta} operation
 * @property {import('./rich.js').RichDraft} draft
 * @property {typeof import('./rich.js').rich} type
 *
 * @typedef {object} Json0
 * @property {any} data
 * @property {import('./json0.js').Json0Component[]} operation
 * @property {import('./json0.js').Json0Draft} draft
 * @property {typeof import('./json0.js').json0} type
 *
 * @typedef {object} Counter
 * @property {number} data
 * @property {number} operation
 * @property {import('./counter.js').CounterDraft} draft
 * @property {typeof import('./counter.js').counter} type
 *
 * @typedef {object} Tree
 * @property {import('./tree.js').TreeData} data
 * @property {import('./tree.js').TreeComponent[]} operation
 * @property {import('./tree.js').TreeDraft} draft
 * @property {typeof import('./tree.js').tree} type
 */
export {};
