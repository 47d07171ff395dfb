import { createClient } from '../../lib/client/index.js';
import { EngineFixture } from '../support/engine-fixture.js';
import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import type { ClientOptions } from '../../lib/client/options.js';

describe('a client and a server', () => {
  let server: EngineFixture;
  const clients: Client<AnyContract>[] = [];

  function client(options: Partial<ClientOptions> = {}): Client<AnyContract> {
    const made = createClient({ url: server.url, ...options });
    clients.push(made);
    return made;
  }

  beforeEach(async () => {
    server = await EngineFixture.start({
      handlers: {
        echo: (data) => data,
        fail: () => {
          throw new Error('secret');
        },
        count: async function* (to) {
          for (let at = 1; at <= Number(to); at++) yield await Promise.resolve(at);
        },
      },
      authorizers: [{ pattern: '**', authorize: () => true }] as never,
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await server.stop();
  });

  it('asks and is answered', async () => {
    await expect(client().request('echo', { a: 1 })).resolves.toEqual({ a: 1 });
  });

  it('rejects with what the server says', async () => {
    await expect(client().request('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_EVENT' });
    await expect(client().request('fail')).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('tells that an emit was handled', async () => {
    await expect(client().emit('echo', 1).delivered).resolves.toBeUndefined();
  });

  it('reads a stream', async () => {
    const items: unknown[] = [];
    for await (const item of client().stream('count', 3)) items.push(item);
    expect(items).toEqual([1, 2, 3]);
  });
});
