/* The exercise of docs/kit.md as an application: `?tab=NAME` is the tab and its person. */
import { connect, indexedDbStorage } from './client.js';
import { realtimeCounter, Runtime } from './kit/index.js';
import { defineKitCounter } from './kit/kit-counter.js';

const tab = new URLSearchParams(location.search).get('tab');
const client = connect(`ws://${location.host}/?tab=${tab}`, {
    storage: indexedDbStorage('counter'),
});
const runtime = new Runtime();
/** What the test looks at. */
globalThis.seen = { events: [], client, runtime };
for (const name of [
    'realtime.update_sent',
    'realtime.update_received',
    'realtime.connection_changed',
    'realtime.presence_updated',
    'counter.incremented',
])
    runtime.on(name, (detail) => globalThis.seen.events.push([name, detail, Date.now()]));

defineKitCounter();
await runtime.install(realtimeCounter({ client, person: tab }));
globalThis.seen.counter = runtime.inject('counter');
document.querySelector('kit-counter').runtime = runtime;
