/** `gatewire/client` of Node. */
import { clientOf } from './create-client.js';
import { nodeEnvironment } from './node/node-environment.js';
import { nodeSocket } from './node/ws-socket.js';

/**
 * One realtime connection that comes back, and loses nothing it was given.
 *
 * @example
 * const client = createClient<Chat>({ url: 'wss://example.com/chat', token: () => auth.token() });
 * client.on('said', ({ from, text }) => show(from, text));
 * const { id } = await client.request('say', { text: 'hello' });
 * @throws {OptionError} naming the option that cannot work
 */
export const createClient = clientOf({ connect: nodeSocket(), environment: nodeEnvironment });

export * from './public.js';
