/** What a frame has beside its text: 2 bytes and the longer sizes; a client's 4 of mask too. */
const HEAD_BYTES = 2;
const MASK_BYTES = 4;
const LENGTHS = [
    [126, 0],
    [65536, 2],
    [Infinity, 8],
];

/**
 * @param {string} text
 * @param {number} mask
 */
function frameBytes(text, mask) {
    const size = new TextEncoder().encode(text).length;
    const [, more] = /** @type {number[]} */ (LENGTHS.find(([bound]) => size < bound));
    return size + HEAD_BYTES + more + mask;
}

/**
 * The page's line to the server: sockets that can be cut, and that count what goes over them.
 *
 * A cut is noticed at once, as a cable that is pulled is; until the line is mended no socket opens.
 */
export class Line {
    /** @type {Set<WebSocket>} */
    #sockets = new Set();
    /** @type {((text: string, bytes: number, up: boolean) => void)[]} */
    #listeners = [];
    isCut = false;

    /**
     * Be told of each message, with the bytes that its frame takes.
     *
     * @param {(text: string, bytes: number, up: boolean) => void} listener
     */
    onMessage(listener) {
        this.#listeners.push(listener);
    }

    cut() {
        this.isCut = true;
        for (const socket of this.#sockets) {
            const reason = 'the line is cut';
            socket.dispatchEvent(new CloseEvent('close', { code: 1006, reason }));
            socket.close();
        }
        this.#sockets.clear();
    }

    mend() {
        this.isCut = false;
    }

    /** For `connect`: a WebSocket over this line. */
    get webSocket() {
        const line = this;
        return class extends WebSocket {
            /**
             * @param {string | URL} url
             * @param {string | string[]} [protocols]
             */
            constructor(url, protocols) {
                if (line.isCut) throw new Error('the line is cut');
                super(url, protocols);
                line.#sockets.add(this);
                this.addEventListener('close', () => line.#sockets.delete(this));
                this.addEventListener('message', ({ data }) => line.#tell(data, false));
            }

            /** @param {string} text */
            send(text) {
                line.#tell(text, true);
                super.send(text);
            }
        };
    }

    /**
     * @param {string} text
     * @param {boolean} up
     */
    #tell(text, up) {
        const bytes = frameBytes(text, up ? MASK_BYTES : 0);
        for (const listener of this.#listeners) listener(text, bytes, up);
    }
}
