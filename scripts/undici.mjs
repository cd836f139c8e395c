// What the transport has of undici. Its index loads fetch, WebSocket, mocks and caches as well, 20 ms of each start, and a
// package of CommonJS cannot be shaken.
export {default as buildConnector} from '../node_modules/undici/lib/core/connect.js';
export {default as Agent} from '../node_modules/undici/lib/dispatcher/agent.js';
export {default as Client} from '../node_modules/undici/lib/dispatcher/client.js';
