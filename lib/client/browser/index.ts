/** `gatewire/client` of browsers and workers. */
import { clientOf } from '../create-client.js';
import { browserEnvironment } from './browser-environment.js';
import { webSocket } from './web-socket.js';

/**
 * One realtime connection that comes back, and loses nothing it was given.
 *
 * @example
 * const client = createClient<Chat>({ url: '/chat', token: () => auth.token() });
 * client.on('said', ({ from, text }) => show(from, text));
 * const { id } = await client.request('say', { text: 'hello' });
 * @throws {OptionError} naming the option that cannot work
 */
export const createClient = /* @__PURE__ */ clientOf({
  connect: /* @__PURE__ */ webSocket(),
  environment: browserEnvironment,
});

export * from '../public.js';
export { browserEnvironment } from './browser-environment.js';
export { webSocket } from './web-socket.js';
