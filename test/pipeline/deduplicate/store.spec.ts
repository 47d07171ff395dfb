import type { DedupRecord, DedupStore } from '../../../lib/store/dedup-store.js';
import { MemoryDedupStore } from '../../../lib/store/memory/memory-dedup-store.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { TestClient } from '../../support/test-client.js';
import { DeduplicateFixture, settled } from './deduplicate-fixture.js';

/** Asynchronous, and counts what it is asked. */
class SlowStore implements DedupStore {
  claims = 0;
  readonly memory: MemoryDedupStore;
  constructor(clock: FakeClock) {
    this.memory = new MemoryDedupStore(clock);
  }
  async claim(...given: Parameters<DedupStore['claim']>): Promise<DedupRecord | undefined> {
    this.claims++;
    await new Promise((resolve) => setImmediate(resolve));
    return this.memory.claim(...given);
  }
  async settle(...given: Parameters<DedupStore['settle']>): Promise<void> {
    await Promise.resolve();
    this.memory.settle(...given);
  }
  async release(key: string): Promise<void> {
    await Promise.resolve();
    this.memory.release(key);
  }
}

let fixture: DeduplicateFixture;
afterEach(() => fixture.stop());
const ask = async (client: TestClient, key: string, event = 'count') => {
  client.send({ event, id: key, meta: { key } });
  return client.nextJson();
};

describe('a store', () => {
  it('remembers what this process has forgotten, and what another has handled', async () => {
    const store = new SlowStore(new FakeClock());
    fixture = await DeduplicateFixture.start({ store, name: 'pay', maxKeys: 1 });
    const client = await fixture.connect('ann');
    expect(await ask(client, 'a')).toEqual({ id: 'a', data: 1 });
    expect(await ask(client, 'b')).toEqual({ id: 'b', data: 2 });
    expect(await ask(client, 'a')).toEqual({ id: 'a', data: 1 });
    const failed = await ask(client, 'f', 'fails');
    await ask(client, 'c');
    expect(await ask(client, 'f', 'fails')).toEqual(failed);
    await fixture.stop();
    fixture = await DeduplicateFixture.start({ store, name: 'pay' });
    expect(await ask(await fixture.connect('ann'), 'a')).toEqual({ id: 'a', data: 1 });
    expect(await ask(await fixture.connect('ann'), 'a', 'nothing')).toMatchObject({
      error: { code: 'CONFLICT' },
    });
    expect(fixture.runs).toBe(0);
  });

  it('keeps the keys of users and of names apart', async () => {
    const store = new SlowStore(new FakeClock());
    fixture = await DeduplicateFixture.start({ store, name: 'pay' });
    expect(await ask(await fixture.connect('a:b'), 'c')).toMatchObject({ data: 1 });
    expect(await ask(await fixture.connect('a'), 'b:c')).toMatchObject({ data: 2 });
    await fixture.stop();
    fixture = await DeduplicateFixture.start({ store, name: 'other' });
    expect(await ask(await fixture.connect('a:b'), 'c')).toMatchObject({ data: 1 });
  });

  it('says DUPLICATE of what another process is handling', async () => {
    const store = new SlowStore(new FakeClock());
    fixture = await DeduplicateFixture.start({ store, name: 'pay' });
    store.memory.claim('pay:3:ann:k', 'count', 1_000);
    expect(await ask(await fixture.connect('ann'), 'k')).toMatchObject({ error: { code: 'DUPLICATE' } });
  });

  it('is asked once for repeats that come while it thinks', async () => {
    const store = new SlowStore(new FakeClock());
    fixture = await DeduplicateFixture.start({ store, name: 'pay' });
    const clients = [
      await fixture.connect('ann'),
      await fixture.connect('ann'),
      await fixture.connect('ann'),
    ];
    const replies = await Promise.all(clients.map((client) => ask(client, 'k')));
    expect(replies).toEqual([1, 2, 3].map(() => ({ id: 'k', data: 1 })));
    expect([store.claims, fixture.runs]).toEqual([1, 1]);
  });

  it('forgets what is to be tried again', async () => {
    const store = new SlowStore(new FakeClock());
    class Limit {
      calls = 0;
      inbound(message: any, next: () => void | Promise<void>) {
        if (message.event === 'login' || this.calls++ > 0) return next();
        message.reject('RATE_LIMITED', 'too many messages');
      }
    }
    fixture = await DeduplicateFixture.start({ store, name: 'pay' }, { after: [new Limit()] });
    const client = await fixture.connect('ann');
    expect(await ask(client, 'k')).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    await settled(client);
    expect(await ask(client, 'k')).toEqual({ id: 'k', data: 1 });
  });

  it.each<[string, () => never]>([
    ['rejects', () => Promise.reject(new Error('down')) as never],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
  ])('that %s refuses with UNAVAILABLE: running it again would be worse', async (_name, claim) => {
    let isDown = true;
    const memory = new MemoryDedupStore(new FakeClock());
    const store: DedupStore = {
      claim: (...given) => (isDown ? claim() : memory.claim(...given)),
      settle: () => Promise.reject(new Error('down')),
      release: (key) => memory.release(key),
    };
    fixture = await DeduplicateFixture.start({ store, name: 'pay' });
    const client = await fixture.connect('ann');
    expect(await ask(client, 'k')).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    expect(fixture.runs).toBe(0);
    isDown = false;
    expect(await ask(client, 'k')).toEqual({ id: 'k', data: 1 });
    await settled(client);
    expect(fixture.stages).toMatchObject({ 'deduplicate.store-failed': 2 });
    expect(fixture.engine.log.lines.join()).toContain('down');
  });

  it('that does not answer in time refuses with UNAVAILABLE', async () => {
    const store: DedupStore = {
      claim: () => new Promise(() => undefined),
      settle: () => undefined,
      release: () => undefined,
    };
    fixture = await DeduplicateFixture.start({ store, name: 'pay', storeTimeoutMs: 500 });
    const client = await fixture.connect('ann');
    client.send({ event: 'count', id: 'a', meta: { key: 'k' } });
    await settled(client);
    fixture.clock.advance(499);
    expect(await settled(client)).toEqual([]);
    fixture.clock.advance(1);
    expect(await client.nextJson()).toMatchObject({ id: 'a', error: { code: 'UNAVAILABLE' } });
  });
});

describe('a Bloom filter before the store', () => {
  it('asks the store about everything until it has seen all that the store remembers, then only about what may be there', async () => {
    const clock = new FakeClock();
    const store = new SlowStore(clock);
    fixture = await DeduplicateFixture.start({ store, name: 'pay', bloom: true, ttlMs: 1_000, maxKeys: 1 });
    const client = await fixture.connect('ann');
    await ask(client, 'a');
    expect(store.claims).toBe(1);
    fixture.clock.advance(999);
    await ask(client, 'b');
    expect(store.claims).toBe(2);
    fixture.clock.advance(1);
    await ask(client, 'c');
    await ask(client, 'd');
    expect(store.claims).toBe(2);
    // Pushed out here, known there.
    expect(await ask(client, 'c')).toEqual({ id: 'c', data: 3 });
    expect(store.claims).toBe(3);
    expect(fixture.runs).toBe(4);
    expect(fixture.stages).toMatchObject({ 'deduplicate.store-spared': 2, 'deduplicate.store-asked': 3 });
  });

  it('that may be wrong never refuses by itself', async () => {
    const store = new SlowStore(new FakeClock());
    const bloom = { expectedKeys: 4, falsePositives: 0.99 };
    fixture = await DeduplicateFixture.start({ store, name: 'pay', bloom, ttlMs: 1_000 });
    fixture.clock.advance(1_000);
    const client = await fixture.connect('ann');
    for (let i = 0; i < 300; i++) expect(await ask(client, `k${i}`)).toEqual({ id: `k${i}`, data: i + 1 });
    expect(store.claims).toBeGreaterThan(100);
  });
});
