import { hueOf } from './people.js';

const SVG = 'http://www.w3.org/2000/svg';

/** @type {(id: string) => any} */
export const element = (id) => document.getElementById(id);

/**
 * An element with what is in it. Text is text: nothing here reads markup.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, className, ...content) {
    const made = document.createElement(name);
    if (className !== '') made.className = className;
    made.append(...content);
    return made;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} content
 */
export function draw(name, attributes, ...content) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.append(...content);
    return made;
}

/**
 * Write only what changed, so that a selection, and what a screen reader is at, stay.
 *
 * @param {Element} where
 * @param {string} text
 */
export function write(where, text) {
    if (where.textContent !== text) where.textContent = text;
}

/**
 * Colour something as its author's.
 *
 * @template {HTMLElement | SVGElement} Kind
 * @param {Kind} what
 * @param {string} who
 * @returns {Kind}
 */
export function tinted(what, who) {
    what.style.setProperty('--hue', String(hueOf(who)));
    return what;
}

/**
 * Pairs of a term and what it is, kept and written anew.
 *
 * @param {HTMLElement} list a `dl`
 * @param {[string, string][]} pairs
 */
export function facts(list, pairs) {
    while (list.children.length > pairs.length) list.lastElementChild?.remove();
    for (let i = list.children.length; i < pairs.length; i++)
        list.append(make('div', '', make('dt', ''), make('dd', '')));
    pairs.forEach(([term, text], i) => {
        write(list.children[i].children[0], term);
        write(list.children[i].children[1], text);
    });
}
