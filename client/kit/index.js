export { realtimeCounter, SharedCounter } from './counter.js';
export { realtimeDocument } from './realtime.js';
export { Runtime } from './runtime.js';
