import { connect, memoryStorage } from '../../src/index.js';
import { TYPES } from './acts.js';
import { VirtualClock } from './clock.js';
import { Network } from './network.js';
import { Chance } from './random.js';
import { Sequencer } from './sequencer.js';

/** A server, a network and clients that share one virtual clock and one seed. */
export class World {
    /** @type {import('../../src/client.js').Client[]} */
    clients = [];

    /** @param {number} seed */
    constructor(seed = 1) {
        this.clock = new VirtualClock();
        this.chance = new Chance(seed);
        const { clock, chance } = this;
        this.server = new Sequencer({ clock, chance, types: Object.values(TYPES) });
        this.network = new Network(this.server, clock, chance);
    }

    /** @param {Partial<import('../../src/client.js').ClientOptions>} [options] */
    client(options = {}) {
        const client = connect('ws://server', {
            storage: memoryStorage(),
            types: TYPES,
            webSocket: this.network.WebSocket,
            clock: this.clock,
            random: this.chance.random,
            randomBytes: (count) => this.chance.bytes(count),
            ...options,
        });
        this.clients.push(client);
        return client;
    }

    /**
     * Let time pass until the promise is settled.
     *
     * @template T
     * @param {Promise<T>} promise
     * @returns {Promise<T>}
     */
    async until(promise) {
        let settled = false;
        const note = () => void (settled = true);
        promise.then(note, note);
        for (let step = 0; !settled; step++) {
            if (step > 10000) throw new Error('it never came');
            await this.clock.advance(20);
        }
        return promise;
    }

    close() {
        this.clients.forEach((client) => client.close());
    }
}
