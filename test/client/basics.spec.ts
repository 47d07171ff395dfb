import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient } from '../../lib/client/index.js';
import { cbor } from '../../lib/codecs/cbor.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { json } from '../../lib/protocol/codecs/json.js';
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
      options: { codecs: [json(), msgpack(), cbor()] },
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

  it.each([
    ['json', json()],
    ['msgpack', msgpack()],
    ['cbor', cbor()],
  ])('speaks %s, with bytes', async (_name, codec) => {
    const data = { name: 'a', file: new Uint8Array([1, 2, 3]) };
    const answer = (await client({ codec }).request('echo', data)) as typeof data;
    expect({ ...answer, file: [...answer.file] }).toEqual({ name: 'a', file: [1, 2, 3] });
  });

  /** A million: `GATEWIRE_REQUESTS=1000000 npm test -- test/client/basics`. */
  it('leaves the heap where it was after many requests', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const busy = client();
    const ask = async (times: number): Promise<number> => {
      for (let batch = 0; batch < times / 100; batch++)
        await Promise.all(Array.from({ length: 100 }, (_, at) => busy.request('echo', at)));
      gc();
      await new Promise((resolve) => setImmediate(resolve));
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = await ask(2_000);
    expect((await ask(Number(process.env['GATEWIRE_REQUESTS'] ?? 20_000))) - before).toBeLessThan(1_000_000);
    expect(busy.pending).toBe(0);
  }, 300_000);
});
