/** @typedef {import('./runtime.js').Module} Module */
/** @typedef {import('./runtime.js').Runtime} Runtime */
/** @typedef {import('../src/client.js').Client} Client */
/** @typedef {import('../src/document.js').Document} Document */

/** @param {any} operation */
const sizeOf = (operation) => new TextEncoder().encode(JSON.stringify(operation)).length;

/**
 * Tell an application what happens to a document, in events of its own:
 *
 *   realtime.update_sent {size}             realtime.connection_changed {status}
 *   realtime.update_received {from, size}   realtime.presence_updated {users}
 *
 * Sizes are bytes of operations. `users` has everybody who shows something, ourselves first.
 *
 * @param {Runtime} runtime
 * @param {Client} client
 * @param {Document} document
 */
function translate(runtime, client, document) {
    document.on('change', ({ operations, local }) => {
        if (!local) return;
        for (const one of operations) runtime.emit('realtime.update_sent', { size: sizeOf(one) });
    });
    document.on('operation', ({ who, operation }) =>
        runtime.emit('realtime.update_received', { from: who, size: sizeOf(operation) }),
    );
    const status = () =>
        runtime.emit('realtime.connection_changed', { status: client.status.state });
    client.on('status', status);
    const users = () =>
        runtime.emit('realtime.presence_updated', { users: usersOf(client, document) });
    document.presence.on('change', users);
    status();
    users();
}

/**
 * @param {Client} client
 * @param {Document} document
 */
export function usersOf({ who }, { presence }) {
    const others = [...presence.others].map(([who, state]) => ({ who, ...state }));
    return presence.own === null ? others : [{ who, ...presence.own }, ...others];
}

/**
 * A module that opens a document and provides it by the module's name, once it is installed.
 *
 * @param {object} options
 * @param {string} options.name of the module
 * @param {Client} options.client
 * @param {string} options.document its name, `collection/id`
 * @param {string} options.type
 * @param {any} [options.state] what the others see of us
 * @returns {Module}
 */
export function realtimeDocument({ name, client, document: place, type, state = null }) {
    return {
        name,
        providers: { [`${name}.client`]: client },
        async onInstall({ runtime }) {
            const document = await client.open(place, { type, create: true });
            if (state !== null) document.presence.set(state);
            runtime.provide(name, document);
            translate(runtime, client, document);
        },
    };
}
