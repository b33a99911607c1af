/**
 * Where a client keeps what it must not lose: its session, and of each document what is confirmed
 * and what is pending. An edit is stored before it is sent, so that a client that comes back
 * after a crash knows every serial that it may have used, and with which operation.
 *
 * A storage belongs to one client instance at a time: an implementation that outlives the process
 * holds a lock from `session()` on (Web Locks, a lock file), and gives another session, with
 * records of its own, to whoever does not get it.
 *
 * Records are values: they are neither changed after they were given nor by the storage. Each
 * call resolves once it is durable; `save` of a name replaces its record as a whole.
 *
 * @typedef {object} Storage
 * @property {() => Promise<import('../session.js').Session | null>} session null: there is none yet
 * @property {(session: import('../session.js').Session) => Promise<void>} saveSession
 * @property {() => Promise<string[]>} pending the documents with edits that are not acknowledged
 * @property {(name: string) => Promise<DocumentRecord | null>} load
 * @property {(name: string, record: DocumentRecord) => Promise<void>} save
 * @property {() => Promise<Storage[]>} [orphans] what clients that are gone left pending, each
 *     locked for us; somebody has to send it under the session that it belongs to
 * @property {() => import('../siblings.js').Siblings} [siblings] the clients that share it
 * @property {() => Promise<void>} [discard] delete all of it, when nothing is pending any more
 * @property {() => Promise<void>} [close] let go of the lock
 */

/**
 * @typedef {import('../peer.js').PeerRecord & { secret: string }} DocumentRecord `secret` names
 *     the session whose serials these are
 */

/** @param {import('../peer.js').PeerRecord} record */
export function isPending({ inFlight, queue }) {
    return inFlight !== null || queue.length > 0;
}

/**
 * The document as another session has it, without what is that session's alone.
 *
 * @param {DocumentRecord} record
 * @returns {DocumentRecord}
 */
export function withoutPending(record) {
    return { ...record, serial: 0, inFlight: null, queue: [] };
}

/**
 * Keeps everything as long as the object lives: edits survive connections, not reloads.
 *
 * @returns {Storage}
 */
export function memoryStorage() {
    /** @type {import('../session.js').Session | null} */
    let session = null;
    /** @type {Map<string, DocumentRecord>} */
    const records = new Map();
    return {
        session: async () => session,
        saveSession: async (one) => void (session = one),
        pending: async () =>
            [...records].filter(([, record]) => isPending(record)).map(([name]) => name),
        load: async (name) => records.get(name) ?? null,
        save: async (name, record) => void records.set(name, record),
    };
}
