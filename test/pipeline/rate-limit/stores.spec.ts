import { MemoryCounterStore } from '../../../lib/store/memory/memory-counter-store.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../../../lib/store/counter-store.js';
import { CounterFiles } from '../../store/support/counter-files.js';
import { RateLimitFixture } from './rate-limit-fixture.js';

let fixture: RateLimitFixture;
afterEach(() => fixture.engine.stop());

describe('a store', () => {
  const rules: CounterRule[] = [];
  const store = (take: CounterStore['take']): CounterStore => ({
    check: (rule) => void rules.push(rule),
    take,
  });

  it('may be asynchronous: messages of a connection keep their order', async () => {
    const memory = new MemoryCounterStore();
    let calls = 0;
    const slow = store(async (...demand) => {
      if (calls++ % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      return memory.take(...demand);
    });
    fixture = await RateLimitFixture.start({ messages: 5, perMs: 60_000, store: slow, name: 'test' });
    const client = await fixture.connect();
    for (let i = 0; i < 6; i++) client.send({ event: 'run', data: i, id: i });
    for (let i = 0; i < 5; i++) expect(await client.nextJson()).toMatchObject({ id: i, data: null });
    expect(await client.nextJson()).toMatchObject({ id: 5, error: { code: 'RATE_LIMITED' } });
    expect(fixture.ran).toEqual([0, 1, 2, 3, 4]);
  });

  it('is shared by processes under the name it is given', async () => {
    const keys = new Set<string>();
    fixture = await RateLimitFixture.start({
      messages: 5,
      perMs: 1_000,
      by: 'event',
      name: 'orders',
      store: store((key) => (keys.add(key), { isAllowed: true, retryAfterMs: 0 })),
    });
    const client = await fixture.connect();
    await client.ask('echo');
    expect([...keys]).toEqual(['ordersm:e:echo']);
    expect(rules.at(-1)).toMatchObject({ messages: 5, perMs: 1_000 });
  });

  it('may outlive the server: the next process goes on counting', async () => {
    const files = new CounterFiles();
    const start = async () => {
      const kept = files.store();
      const limits = { messages: 3, perMs: 3_600_000, by: 'event', name: 'daily', store: kept } as const;
      fixture = await RateLimitFixture.start(limits);
      return { kept, client: await fixture.connect() };
    };
    const before = await start();
    for (let i = 0; i < 3; i++) expect(await before.client.ask('echo', i)).toMatchObject({ data: i });
    await fixture.engine.stop();
    await before.kept.close();
    const { client } = await start();
    expect(await client.ask('echo')).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect(fixture.stages['rate-limit.store-failed']).toBeUndefined();
    await files.remove();
  });

  it.each<[string, CounterStore['take']]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('that %s leaves the counting to this process', async (_name, take) => {
    fixture = await RateLimitFixture.start({ messages: 2, perMs: 1_000, store: store(take), name: 'test' });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 3)).toEqual(['ok', 'ok', 'RATE_LIMITED']);
    expect(fixture.stages).toMatchObject({ 'rate-limit.store-failed': 3 });
    expect(fixture.engine.log.lines.join()).toContain('down');
  });

  it('that does not answer in time leaves the counting to this process', async () => {
    const never = store(() => new Promise<CounterVerdict>(() => undefined));
    fixture = await RateLimitFixture.start({
      messages: 1,
      perMs: 1_000,
      store: never,
      name: 'test',
      storeTimeoutMs: 50,
    });
    const client = await fixture.connect();
    client.send({ event: 'echo', id: 1 });
    await fixture.settled(client);
    fixture.clock.advance(49);
    await fixture.settled(client);
    expect(fixture.others).toEqual([]);
    fixture.clock.advance(1);
    expect(await client.nextJson()).toMatchObject({ id: 1, data: null });
  });
});
