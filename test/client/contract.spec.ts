import { createClient } from '../../lib/client/index.js';
import type { Emitted } from '../../lib/client/client-api.js';

interface Chat {
  send: {
    say(message: { text: string }): { id: number };
    typing(): void;
    maybe(text?: string): Promise<string>;
    count(to: number): AsyncIterable<number>;
  };
  receive: {
    said: { from: string; text: string };
    confirm(total: number): boolean;
  };
}

/** Never run: `npm run typecheck` reads it. What must not compile says so. */
export async function typed(): Promise<void> {
  const client = createClient<Chat>({ url: 'ws://localhost' });

  const { id } = await client.request('say', { text: 'hello' });
  id satisfies number;
  client.emit('say', { text: 'hello' }) satisfies Emitted;
  client.emit('typing');
  client.emit('typing', undefined, { volatile: true });
  (await client.request('maybe')) satisfies string;
  (await client.request('maybe', 'text', { timeoutMs: 5 })) satisfies string;
  for await (const item of client.stream('count', 3)) item satisfies number;
  client.on('said', ({ from, text }) => [from satisfies string, text satisfies string]);
  client.on('confirm', (total) => total > 3);
  for await (const { text } of client.events('said')) text satisfies string;

  // @ts-expect-error -- the data is wrong
  void client.request('say', { text: 1 });
  // @ts-expect-error -- the data is missing
  client.emit('say');
  // @ts-expect-error -- nobody handles it
  client.emit('shout', { text: 'hello' });
  // @ts-expect-error -- nothing belongs there
  client.emit('typing', 'fast');
  // @ts-expect-error -- the server does not send it
  client.on('say', () => undefined);
  // @ts-expect-error -- the event's data has no such property
  client.on('said', ({ subject }) => subject as unknown);
  // @ts-expect-error -- the reply is no string
  (await client.request('say', { text: 'hello' })) satisfies string;

  const untyped = createClient({ url: 'ws://localhost' });
  untyped.emit('anything', { at: 'all' });
  untyped.on('anything', (data: { at: string }) => data.at);
  (await untyped.request('anything')) satisfies unknown;
}

it('types both directions, for `npm run typecheck`', () => {
  expect(typed).toBeInstanceOf(Function);
});
