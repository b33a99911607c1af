/* Beside the page lies the bundle of these. */
export * from '../src/index.js';
