import { useCallback, useMemo, useSyncExternalStore } from 'react';

/** @typedef {import('../src/client.js').Client} Client */
/** @typedef {import('../src/exchange.js').Want} Want */

/**
 * @template {string} Name
 * @typedef {import('../src/document.js').Document<Name>} Document
 */

/**
 * A document and its data as they are now. `document` is null until it is open; `error` is why it
 * cannot be opened, or was closed for good.
 *
 * @template {string} Name
 * @typedef {object} Opened
 * @property {Document<Name> | null} document
 * @property {import('../src/document.js').Kind<Name>['data'] | undefined} data
 * @property {Error | null} error
 */

/** @type {Opened<any>} */
const NOT_YET = Object.freeze({ document: null, data: undefined, error: null });
/** @type {ReadonlyMap<string, any>} */
const NOBODY = new Map();

/** Holds a document open while somebody looks at it. */
class Holding {
    #client;
    #name;
    #want;
    current = NOT_YET;

    /**
     * @param {Client} client
     * @param {string} name
     * @param {Want} want
     */
    constructor(client, name, want) {
        this.#client = client;
        this.#name = name;
        this.#want = want;
    }

    /** @param {() => void} changed */
    hold = (changed) => {
        /** @type {(() => void)[]} */
        const release = [];
        let held = true;
        const show = (/** @type {Partial<Opened<any>>} */ more) => {
            this.current = { ...this.current, ...more };
            changed();
        };
        this.#client.open(this.#name, this.#want).then(
            (document) => {
                if (!held) return document.close();
                const seen = () => show({ document, data: document.data });
                release.push(() => document.close(), document.on('change', seen));
                release.push(document.on('closed', (error) => show({ error })));
                seen();
            },
            (error) => held && show({ error }),
        );
        return () => {
            held = false;
            release.forEach((run) => run());
            this.current = NOT_YET;
        };
    };
}

/**
 * Open a document for as long as the component is there.
 *
 * @template {string} Name
 * @param {Client} client
 * @param {string} name `collection/id`
 * @param {Want & { type?: Name }} [want] as for `client.open`; looked at when the name changes
 * @returns {Opened<Name>}
 */
export function useDocument(client, name, want = {}) {
    const holding = useMemo(() => new Holding(client, name, want), [client, name, want.type]);
    const current = () => holding.current;
    return useSyncExternalStore(holding.hold, current, () => NOT_YET);
}

/**
 * What `read` gives of `source`, again whenever it tells of `event`.
 *
 * @template {{ on(event: any, run: () => void): () => void }} Source
 * @template Value
 * @param {Source | null | undefined} source
 * @param {string} event
 * @param {(source: Source) => Value} read the same value as long as nothing has changed
 * @param {Value} otherwise while there is no source
 * @returns {Value}
 */
function useValue(source, event, read, otherwise) {
    const subscribe = useCallback(
        (/** @type {() => void} */ changed) => source?.on(event, changed) ?? (() => {}),
        [source, event],
    );
    const current = () => (source ? read(source) : otherwise);
    return useSyncExternalStore(subscribe, current, current);
}

/**
 * What we tell the others of ourselves, its cursor moved through edits, and how to set it.
 *
 * @param {Document<any> | null} document
 * @returns {[state: any, set: (state: any) => void]}
 */
export function usePresence(document) {
    const own = useValue(document?.presence, 'own', (presence) => presence.own, null);
    const set = useCallback(
        (/** @type {any} */ state) => document?.presence.set(state),
        [document],
    );
    return [own, set];
}

/**
 * Everybody else who is here.
 *
 * @param {Document<any> | null} document
 * @returns {ReadonlyMap<string, any>} `who` -> state
 */
export function useOthers(document) {
    return useValue(document?.presence, 'change', (presence) => presence.others, NOBODY);
}

/**
 * @param {Document<any> | null} document
 * @returns {{ undo: () => boolean, redo: () => boolean, canUndo: boolean, canRedo: boolean }}
 */
export function useUndo(document) {
    const undo = document?.undo;
    const canUndo = useValue(undo, 'change', (steps) => steps.canUndo, false);
    const canRedo = useValue(undo, 'change', (steps) => steps.canRedo, false);
    return useMemo(
        () => ({
            undo: () => undo?.undo() ?? false,
            redo: () => undo?.redo() ?? false,
            canUndo,
            canRedo,
        }),
        [undo, canUndo, canRedo],
    );
}

/**
 * @param {Client} client
 * @returns {import('../src/connection.js').ConnectionStatus}
 */
export function useConnectionStatus(client) {
    return useValue(client, 'status', ({ status }) => status, client.status);
}

/**
 * @param {Document<any> | null} document
 * @returns {'synced' | 'saving' | 'offline'}
 */
export function useSyncStatus(document) {
    return useValue(document, 'sync', ({ sync }) => sync, 'offline');
}
