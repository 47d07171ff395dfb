/** `gatewire/client/node`: what a client on Node can be told about its connections. */
export { fileStorage, type FileStorageOptions } from './file-storage.js';
export { nodeEnvironment } from './node-environment.js';
export { nodeSocket, type NodeSocketOptions } from './ws-socket.js';
export { zlibEngine } from './zlib-engine.js';
