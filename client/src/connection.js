import { loadWebSocket, onNetwork } from '#platform';

import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { STATUS, statusClass } from './status.js';

/** From the first packet to `welcome`; a phone on a bad network needs seconds. */
const HANDSHAKE_MS = 10000;
/** A server closes with this plus one of its codes. */
const CLOSE_CODES = 4000;
/** Close codes of RFC 6455 that say that this client speaks wrongly; it would again. */
const BROKEN = [1002, 1003, 1007, 1008, 1009, 1010];

/**
 * The server's code in a WebSocket's; 0 when the connection merely ended.
 *
 * @param {number} code
 */
function codeOfClose(code) {
    if (code >= CLOSE_CODES) return code - CLOSE_CODES;
    return BROKEN.includes(code) ? STATUS.PROTOCOL : 0;
}

/**
 * @typedef {object} ConnectionStatus
 * @property {'connecting' | 'online' | 'waiting' | 'closed'} state `closed` is for good
 * @property {number} [code] the server's code for the end of the last connection; 0: it just ended
 * @property {string} [reason]
 * @property {number} [retryAt] when the next try comes, in the clock's milliseconds
 */

/**
 * @typedef {object} Welcome
 * @property {string} who
 * @property {string} user
 * @property {{ message_bytes_max?: number }} [limits]
 * @property {number} heartbeat_ms
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now in milliseconds
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * @typedef {object} ConnectionOptions
 * @property {string | (() => string | Promise<string>)} [token]
 * @property {string} [name] of the application, for the server's logs
 * @property {typeof WebSocket} [webSocket] where the platform's own will not do
 * @property {Clock} clock
 * @property {() => number} random
 */

/**
 * One socket after the other, to one server, for one session at a time.
 *
 *   connecting --welcome--> online --lost--> waiting --jitter--> connecting
 *        \----------------- a final code, stop() ------------------> closed
 *
 * A socket that is half open is noticed by its silence: each side says something at least every
 * `heartbeat_ms`. Events of a socket that was replaced are not heard: the server closes it as
 * `taken`, which says nothing about this session.
 *
 * @extends {Emitter<{ status: ConnectionStatus, online: Welcome, offline: null, message: any[] }>}
 */
export class Connection extends Emitter {
    /** @type {ConnectionStatus} */
    status = { state: 'connecting' };
    #url;
    #options;
    #clock;
    #backoff;
    /** @type {import('./session.js').Session | null} */
    #session = null;
    /** @type {WebSocket | null} */
    #socket = null;
    /** Counts tries, so that one that was overtaken while it waited for its token ends. */
    #tries = 0;
    /** @type {any} of the handshake, the heartbeat or the next try: one at a time */
    #timer;
    /** @type {any} */
    #leaveTimer;
    #leaveAt = 0;
    #heartbeatMs = 0;
    #onlineSince = 0;
    #heardAt = 0;
    #sentAt = 0;
    #forgetNetwork = () => {};

    /**
     * @param {string} url
     * @param {ConnectionOptions} options
     */
    constructor(url, options) {
        super();
        this.#url = url;
        this.#options = options;
        this.#clock = options.clock;
        this.#backoff = new Backoff(options.random);
    }

    get online() {
        return this.status.state === 'online';
    }

    /**
     * Connect for this session, in place of whatever connection there is.
     *
     * @param {import('./session.js').Session} session
     */
    start(session) {
        if (this.status.state === 'closed') return;
        if (this.#session === null)
            this.#forgetNetwork = onNetwork((online) => this.#networkIs(online));
        this.#session = session;
        this.#connect();
    }

    /** End for good. */
    stop(code = 0, reason = 'closed by the application') {
        this.#forgetNetwork();
        this.#leave();
        this.#become({ state: 'closed', code, reason });
    }

    /** @param {any[]} message */
    send(message) {
        if (!this.online) return;
        this.#sentAt = this.#clock.now();
        this.#socket?.send(JSON.stringify(message));
    }

    /** @param {boolean} online */
    #networkIs(online) {
        if (!online && this.online) this.#lost(0, 'no network');
        else if (online && this.status.state === 'waiting') this.#connect();
    }

    async #connect() {
        this.#leave();
        const attempt = ++this.#tries;
        this.#become({ ...this.status, state: 'connecting', retryAt: undefined });
        try {
            const { token, webSocket } = this.#options;
            const Socket = webSocket ?? (await loadWebSocket());
            const jwt = typeof token === 'function' ? await token() : token;
            if (attempt === this.#tries) this.#listen(new Socket(this.#url, 'tutti.v1'), jwt);
        } catch (error) {
            if (attempt === this.#tries) this.#lost(0, String(error));
        }
    }

    /**
     * @param {WebSocket} socket
     * @param {string | undefined} token
     */
    #listen(socket, token) {
        this.#socket = socket;
        const current = () => this.#socket === socket;
        socket.onopen = () => {
            if (!current()) return;
            const { name } = this.#options;
            const hello = { resume: this.#session?.secret, token, client: name };
            socket.send(JSON.stringify(['hello', hello]));
        };
        socket.onmessage = ({ data }) => current() && this.#heard(data);
        socket.onclose = ({ code, reason }) => current() && this.#lost(codeOfClose(code), reason);
        socket.onerror = () => {}; /* a close follows */
        this.#timer = this.#clock.setTimeout(() => this.#lost(0, 'no welcome'), HANDSHAKE_MS);
    }

    /** @param {string} data */
    #heard(data) {
        this.#heardAt = this.#clock.now();
        this.#keepAlive();
        let message;
        try {
            message = JSON.parse(data);
        } catch {
            return this.#lost(0, 'not JSON');
        }
        if (message[0] === 'welcome') this.#welcomed(message[1]);
        else if (message[0] === 'goaway') this.#goAway(message[1]);
        else if (message.length > 0 && this.online) this.emit('message', message);
    }

    /** @param {Welcome} welcome */
    #welcomed(welcome) {
        this.#onlineSince = this.#sentAt = this.#heardAt;
        this.#heartbeatMs = welcome.heartbeat_ms;
        this.#clock.clearTimeout(this.#timer);
        this.#beat();
        this.status = { state: 'online' };
        this.emit('online', welcome);
        this.emit('status', this.status);
    }

    /** Four looks at the clock for each heartbeat keep both bounds well enough. */
    #beat() {
        if (this.#clock.now() - this.#heardAt >= 2 * this.#heartbeatMs)
            return this.#lost(0, 'silence');
        this.#keepAlive();
        this.#timer = this.#clock.setTimeout(() => this.#beat(), this.#heartbeatMs / 4);
    }

    /** Called for what arrives too: timers of a page in the background may run once a minute. */
    #keepAlive() {
        if (this.#clock.now() - this.#sentAt >= this.#heartbeatMs * 0.75) this.send([]);
    }

    /**
     * The server is about to leave and spreads its clients over a window, by chance.
     *
     * @param {{ after_ms: number, within_ms: number }} window
     */
    #goAway({ after_ms, within_ms }) {
        const delay = after_ms + this.#options.random() * within_ms;
        this.#leaveAt = this.#clock.now() + delay;
        this.#clock.clearTimeout(this.#leaveTimer);
        this.#leaveTimer = this.#clock.setTimeout(() => this.#connect(), delay);
    }

    /**
     * @param {number} code
     * @param {string} reason
     */
    #lost(code, reason) {
        const held = this.online ? this.#clock.now() - this.#onlineSince : 0;
        const leaveAt = this.#leaveAt;
        this.#leave();
        if (this.#isFinal(code)) return this.stop(code, reason);
        const now = this.#clock.now();
        const delay = Math.max(this.#backoff.next(held), leaveAt - now);
        this.#timer = this.#clock.setTimeout(() => this.#connect(), delay);
        this.#become({ state: 'waiting', code, reason, retryAt: now + delay });
    }

    /** @param {number} code */
    #isFinal(code) {
        if (code === 0) return false;
        const what = statusClass(code);
        if (what === 'login') return typeof this.#options.token !== 'function';
        return what !== 'retry';
    }

    /** Leave the socket, if there is one, and everything that was to come of it. */
    #leave() {
        const socket = this.#socket;
        this.#socket = null;
        this.#tries++;
        this.#leaveAt = 0;
        this.#clock.clearTimeout(this.#timer);
        this.#clock.clearTimeout(this.#leaveTimer);
        socket?.close();
        if (!this.online) return;
        this.status = { state: 'connecting' };
        this.emit('offline', null);
    }

    /** @param {ConnectionStatus} status */
    #become(status) {
        this.status = status;
        this.emit('status', status);
    }
}
