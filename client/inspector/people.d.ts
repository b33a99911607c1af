/* Served beside the page. */
export * from '../demo/people.js';
