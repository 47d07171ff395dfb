import { createClient } from '../../lib/client/index.js';
import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { persist } from '../../lib/client/keeper.js';
import type { ClientOptions } from '../../lib/client/options.js';
import type { ClientStorage } from '../../lib/client/storage.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';

/** What the schedules of test/consistency have found, each reduced to what it needs. */
describe('found by schedules', () => {
  let server: EngineFixture;
  const handled: unknown[] = [];
  let gate = deferred();
  let entered = deferred();

  beforeEach(async () => {
    gate = deferred();
    entered = deferred();
    handled.length = 0;
    server = await EngineFixture.start({
      options: { shutdown: { drainMs: 2_000 } },
      handlers: {
        put: (data) => void handled.push(data),
        wait: () => {
          entered.resolve();
          return gate.promise;
        },
      },
      authorizers: [{ pattern: '**', canSubscribe: () => true }],
    });
  });

  afterEach(async () => {
    gate.resolve();
    await server.stop();
  });

  function client(options: Partial<ClientOptions> = {}): Client<AnyContract> {
    return createClient({ url: server.url, ...options });
  }

  it('ends both of two closes, also of a connection that is not yet open', async () => {
    const one = client();
    const opens: unknown[] = [];
    one.when('open', (opened) => opens.push(opened));
    await new Promise<void>((resolve) => {
      one.when('state', ({ state }) => {
        if (state === 'authenticating') resolve();
      });
    });
    await Promise.all([one.close(), one.close()]);
    expect([one.state, opens]).toEqual(['closed', []]);
  });

  it('closes what rests at the same time', async () => {
    const one = client({ timeouts: { idleMs: 1 } });
    await one.connect();
    await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all([one.close(), one.close()]);
    expect(one.state).toBe('closed');
  });

  it('subscribes at the next connection when the server drains', async () => {
    const one = client();
    await one.connect();
    const waits = one.request('wait').catch(() => undefined);
    await entered.promise;
    const isDraining = new Promise<void>((resolve) => {
      one.when('state', ({ state }) => {
        if (state === 'draining') resolve();
      });
    });
    const closed = server.engine.close();
    await isDraining;
    const { ready } = one.subscribe('lobby');
    gate.resolve();
    await Promise.all([waits, closed]);
    server.startEngine();
    await ready;
    await one.close();
  });

  it('does not take its own first emits for those of an earlier life', async () => {
    const disk = new Map<string, unknown>();
    const storage: ClientStorage = {
      load: async (prefix) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return [...disk].filter(([key]) => key.startsWith(prefix));
      },
      save: (changes) => {
        for (const [key, value] of changes) if (value !== undefined) disk.set(key, value);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const one = client({ storage: persist(storage) });
    const asked = one.request('put', 1);
    const emitted = one.emit('put', 2);
    await Promise.all([asked, emitted.delivered]);
    expect(handled).toEqual([1, 2]);
    await one.close();
  });

  it('enters rooms after a reload into the session of before, which remembers ids', async () => {
    const disk = new Map<string, unknown>();
    const storage: ClientStorage = {
      load: (prefix) => Promise.resolve([...disk].filter(([key]) => key.startsWith(prefix))),
      save: (changes) => {
        for (const [key, value] of changes) disk.set(key, value);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const before = client({ storage: persist(storage) });
    await before.subscribe('lobby').ready;
    const after = client({ storage: persist(storage) });
    const opened = new Promise((resolve) => after.when('open', resolve));
    await after.subscribe('stock').ready;
    await expect(opened).resolves.toEqual({ resumed: true, recovered: true });
    const [connection] = server.engine.server.clients;
    expect([...(connection?.rooms ?? [])].sort()).toEqual(['lobby', 'stock']);
    await Promise.all([before.close(), after.close()]);
  });
});
