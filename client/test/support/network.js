/** @typedef {import('./clock.js').VirtualClock} VirtualClock */
/** @typedef {import('./random.js').Chance} Chance */

/**
 * A network between clients and one server: messages keep their order and are late by chance;
 * sockets are cut, and then each end learns of it in its own time. What a client had sent may
 * still arrive after that, what the server had sent is lost.
 */
export class Network {
    /** @type {Set<Wire>} */
    #wires = new Set();
    delayMost = 40;

    /**
     * @param {import('./sequencer.js').Sequencer} server
     * @param {VirtualClock} clock
     * @param {Chance} chance
     */
    constructor(server, clock, chance) {
        this.server = server;
        this.clock = clock;
        this.chance = chance;
        this.reachable = true;
        const network = this;
        this.WebSocket = /** @type {any} */ (
            class {
                constructor() {
                    return network.#connect();
                }
            }
        );
    }

    #connect() {
        const wire = new Wire(this);
        this.#wires.add(wire);
        if (this.reachable) this.clock.setTimeout(() => wire.open(), this.chance.below(20));
        else this.clock.setTimeout(() => wire.cut(), this.chance.below(20));
        return wire;
    }

    /** Cut one connection by chance; `silent`: the client must find out by itself. */
    cutOne({ silent = false } = {}) {
        const alive = [...this.#wires].filter((wire) => wire.alive);
        if (alive.length > 0) this.chance.pick(alive).cut({ silent });
    }

    cutAll() {
        for (const wire of this.#wires) wire.cut();
    }
}

/** One socket as the client sees it, and its way to the server. */
class Wire {
    /** @type {any} */
    onopen = null;
    /** @type {any} */
    onmessage = null;
    /** @type {any} */
    onclose = null;
    alive = true;
    /** The client's end has left. */
    #left = false;
    #heard = false;
    #arrivals = { up: 0, down: 0 };
    /** @type {ReturnType<import('./sequencer.js').Sequencer['connect']> | null} */
    #far = null;

    /** @param {Network} network */
    constructor(network) {
        this.network = network;
    }

    open() {
        if (!this.alive) return;
        this.#far = this.network.server.connect({
            send: (text) => this.#later('down', () => this.#arrives(text)),
            close: (code, reason) => this.#later('down', () => this.#closed(code, reason)),
        });
        this.onopen?.();
    }

    /** @param {string} text */
    send(text) {
        this.#later('up', () => this.#far?.receive(text));
    }

    /**
     * A `hello` that nobody has answered yet does not arrive any more: it would take the session
     * from whoever has it by then, which is the server's to decide and no client's to survive.
     */
    close() {
        this.#left = true;
        if (!this.#heard) this.#far = null;
        this.cut();
    }

    cut({ silent = false } = {}) {
        if (!this.alive) return;
        this.alive = false;
        const { clock, chance } = this.network;
        clock.setTimeout(() => this.#far?.disconnected(), chance.below(300));
        if (!silent) clock.setTimeout(() => this.#closed(1006, ''), chance.below(100));
    }

    /** @param {string} text */
    #arrives(text) {
        this.#heard = true;
        if (this.alive && !this.#left) this.onmessage?.({ data: text });
    }

    /**
     * @param {number} code
     * @param {string} reason
     */
    #closed(code, reason) {
        this.alive = false;
        if (!this.#left) this.onclose?.({ code, reason });
        this.#left = true;
    }

    /**
     * @param {'up' | 'down'} way
     * @param {() => void} run
     */
    #later(way, run) {
        const { clock, chance, delayMost } = this.network;
        const at = Math.max(this.#arrivals[way], clock.now() + chance.below(delayMost));
        this.#arrivals[way] = at;
        clock.setTimeout(run, at - clock.now());
    }
}
