import { hueOf, nameOf } from './people.js';

/** @typedef {import('../src/document.js').Document<'text'>} Document */

/**
 * Other people's carets and selections over a textarea.
 *
 * A textarea cannot show marks, so the same text is laid out once more, unseen, in a layer of the
 * same size and letters above it; marks stand in that text where the positions are.
 */
export class Carets {
    #area;
    #layer;
    #document;
    #due = false;

    /**
     * @param {HTMLTextAreaElement} area
     * @param {HTMLElement} layer lies over it, hidden from assistive technology
     * @param {Document} document
     */
    constructor(area, layer, document) {
        this.#area = area;
        this.#layer = layer;
        this.#document = document;
        const later = () => this.#later();
        document.on('change', later);
        document.presence.on('change', later);
        area.addEventListener('scroll', () => this.#scroll());
        new ResizeObserver(later).observe(area);
        area.ownerDocument.addEventListener('selectionchange', () => this.#tell());
        for (const event of ['focus', 'blur', 'select', 'keyup', 'pointerup'])
            area.addEventListener(event, () => this.#tell());
        this.#tell();
        later();
    }

    /** Where our own caret is, for the others. */
    #tell() {
        const { selectionStart, selectionEnd, value } = this.#area;
        const { presence, type } = this.#document;
        if (this.#area.ownerDocument.activeElement !== this.#area) return presence.set({});
        const cursor = [selectionStart, selectionEnd].map((at) =>
            type.pointsOf(value, beforePair(value, at)),
        );
        presence.set({ cursor });
    }

    /** Draw once for all that happens until the next frame. */
    #later() {
        if (this.#due) return;
        this.#due = true;
        requestAnimationFrame(() => {
            this.#due = false;
            this.#draw();
        });
    }

    #scroll() {
        this.#layer.scrollTop = this.#area.scrollTop;
    }

    #draw() {
        const { data, type, presence } = this.#document;
        /** @type {{ who: string, from: number, to: number }[]} */
        const places = [];
        for (const [who, { cursor }] of presence.others) {
            if (!Array.isArray(cursor)) continue;
            const [from, to] = cursor.map((at) => type.unitsOf(data, at)).sort((a, b) => a - b);
            places.push({ who, from, to: to ?? from });
        }
        const cuts = places.flatMap(({ from, to }) => [from, to]);
        const edges = [...new Set([0, ...cuts, data.length])].sort((a, b) => a - b);
        const pieces = edges.flatMap((at, i) => {
            const ending = places.filter(({ to }) => to === at);
            const around = places.filter(({ from, to }) => from <= at && at < to);
            const text = data.slice(at, edges[i + 1]);
            return [...ending.map(({ who }) => this.#flag(who)), this.#piece(text, around)];
        });
        this.#layer.style.width = `${this.#area.clientWidth}px`;
        this.#layer.replaceChildren(...pieces, '\u200b'); /* a last line that is empty counts too */
        this.#scroll();
    }

    /**
     * @param {string} text
     * @param {{ who: string }[]} selectedBy
     */
    #piece(text, selectedBy) {
        if (selectedBy.length === 0) return text;
        const mark = document.createElement('mark');
        mark.style.setProperty('--hue', String(hueOf(selectedBy[0].who)));
        mark.textContent = text;
        return mark;
    }

    /** @param {string} who */
    #flag(who) {
        const flag = document.createElement('i');
        flag.style.setProperty('--hue', String(hueOf(who)));
        flag.dataset.name = nameOf(who);
        return flag;
    }
}

/**
 * A place, or the one before it where that would be within a surrogate pair.
 *
 * @param {string} text
 * @param {number} at
 */
function beforePair(text, at) {
    const pair = at > 0 && /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));
    return pair ? at - 1 : at;
}
