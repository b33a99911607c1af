const TEMPLATE = `
    <style>
        :host { display: inline-grid; gap: 0.5rem; padding: 1rem; border-radius: 0.75rem;
                border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
                font: 1rem/1.4 system-ui, sans-serif; min-inline-size: 15rem; }
        output { font-size: 2.5rem; font-variant-numeric: tabular-nums; }
        button { font: inherit; padding: 0.5rem 1rem; border-radius: 0.5rem; cursor: pointer; }
        p { margin: 0; font-size: 0.875rem; opacity: 0.8; }
    </style>
    <output aria-live="polite">…</output>
    <button type="button" disabled>Add one</button>
    <p id="last"></p>
    <p id="users"></p>
    <p id="sync"></p>`;

const SYNC = { synced: 'saved', saving: 'saving …', offline: 'offline, changes are kept' };

/**
 * `<kit-counter>`: shows the counter that its runtime provides, and adds to it. It knows the
 * counter, never the connection. Each addition is told as the event `counter.incremented`, which
 * bubbles, and to the runtime.
 *
 *     defineKitCounter();
 *     element.runtime = runtime; // with the module `realtime-counter` installed
 */
export class KitCounter extends HTMLElement {
    /** @type {import('./runtime.js').Runtime | null} */
    #runtime = null;
    /** @type {import('./counter.js').SharedCounter | null} */
    #counter = null;
    #forget = () => {};
    #root = this.attachShadow({ mode: 'open' });

    constructor() {
        super();
        this.#root.innerHTML = TEMPLATE;
        this.#part('button').addEventListener('click', () => this.#add());
    }

    get runtime() {
        return this.#runtime;
    }

    set runtime(runtime) {
        this.#forget();
        this.#runtime = runtime;
        this.#counter = runtime?.inject('counter') ?? null;
        this.#forget = this.#counter?.on('change', () => this.#show()) ?? (() => {});
        this.#show();
    }

    /** @returns {any} */
    #part(/** @type {string} */ selector) {
        return this.#root.querySelector(selector);
    }

    #add() {
        if (this.#counter === null) return;
        this.#counter.increment();
        const detail = { value: this.#counter.value };
        this.#runtime?.emit('counter.incremented', detail);
        const options = { detail, bubbles: true, composed: true };
        this.dispatchEvent(new CustomEvent('counter.incremented', options));
    }

    #show() {
        const counter = this.#counter;
        this.#part('button').disabled = counter === null;
        if (counter === null) return;
        const { length } = counter.users;
        this.#part('output').textContent = String(counter.value).replace('-', '−');
        this.#part('#last').textContent = counter.lastBy === null ? '' : `last: ${counter.lastBy}`;
        this.#part('#users').textContent = `${length} here`;
        this.#part('#sync').textContent = SYNC[counter.sync];
        this.dataset.sync = counter.sync;
    }
}

/** Make `<kit-counter>` known to the page. */
export function defineKitCounter() {
    if (!customElements.get('kit-counter')) customElements.define('kit-counter', KitCounter);
}
