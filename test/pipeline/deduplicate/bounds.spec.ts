import type { DeduplicateOptions } from '../../../lib/pipeline/stages/deduplicate/deduplicate.options.js';
import { DeduplicateStage } from '../../../lib/pipeline/stages/deduplicate/deduplicate.stage.js';
import { ReplyBudget } from '../../../lib/pipeline/stages/deduplicate/reply-budget.js';
import { MemoryDedupStore } from '../../../lib/store/memory/memory-dedup-store.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { TestClient } from '../../support/test-client.js';
import { DeduplicateFixture } from './deduplicate-fixture.js';

describe('the bounds of deduplication', () => {
  let fixture: DeduplicateFixture;
  afterEach(() => fixture.stop());
  const text = (length: unknown): string => 'x'.repeat(Number(length));
  const start = async (options: DeduplicateOptions, engine = {}): Promise<TestClient> => {
    fixture = await DeduplicateFixture.start(options, { handlers: { text }, ...engine });
    return fixture.connect('ann');
  };
  const isRepeat = async (client: TestClient, id: string): Promise<boolean> => {
    const { runs } = fixture;
    await client.ask('count', 0, id);
    return fixture.runs === runs;
  };

  it('remembers ids for ttlMs, and no longer', async () => {
    const client = await start({ ttlMs: 1_000 });
    await client.ask('count', 0, 'a');
    fixture.clock.advance(999);
    expect(await isRepeat(client, 'a')).toBe(true);
    fixture.clock.advance(1);
    expect(await isRepeat(client, 'a')).toBe(false);
  });

  it('remembers maxIds ids of a connection; one more pushes out the oldest', async () => {
    const client = await start({ maxIds: 4, events: ['count'] });
    for (const id of ['a', 'b', 'c', 'd']) await client.ask('count', 0, id);
    expect(await isRepeat(client, 'a')).toBe(true);
    await client.ask('count', 0, 'e');
    expect(await isRepeat(client, 'b')).toBe(true);
    expect(await isRepeat(client, 'a')).toBe(false);
  });

  it('refuses more than it can remember when all of them run', async () => {
    const client = await start({ maxIds: 2, events: ['slow'] });
    client.send({ event: 'slow', id: 'a' });
    client.send({ event: 'slow', id: 'b' });
    expect(await client.ask('slow', 0, 'c')).toMatchObject({ error: { code: 'TOO_MANY_REQUESTS' } });
  });

  it('keeps replies of maxReplyBytes; of longer ones it knows that there was one', async () => {
    const client = await start({ maxReplyBytes: 102 });
    await client.ask('text', 100, 'a');
    expect(await client.ask('text', 100, 'a')).toEqual({ id: 'a', data: text(100) });
    await client.ask('text', 101, 'b');
    expect(await client.ask('text', 101, 'b')).toMatchObject({ error: { code: 'DUPLICATE' } });
    expect(fixture.runs).toBe(2);
  });

  it('keeps maxRepliesBytes of replies of a connection: the oldest are given up', async () => {
    const client = await start({ maxRepliesBytes: 306 });
    for (const id of ['a', 'b', 'c']) await client.ask('text', 100, id);
    expect(await client.ask('text', 100, 'a')).toMatchObject({ data: text(100) });
    await client.ask('text', 100, 'd');
    expect(await client.ask('text', 100, 'a')).toMatchObject({ error: { code: 'DUPLICATE' } });
    expect(await client.ask('text', 100, 'b')).toMatchObject({ data: text(100) });
    expect(fixture.runs).toBe(4);
  });

  it('keeps totalRepliesBytes of replies of all, and lets go of those of connections that are gone', async () => {
    const one = await start({ totalRepliesBytes: 204 });
    const another = await fixture.connect();
    await one.ask('text', 100, 'a');
    await another.ask('text', 100, 'a');
    expect(await one.ask('text', 100, 'a')).toMatchObject({ data: text(100) });
    another.close();
    await another.closed;
    const third = await fixture.connect();
    await third.ask('text', 100, 'a');
    expect(await one.ask('text', 100, 'a')).toMatchObject({ data: text(100) });
    await third.ask('text', 100, 'b');
    expect(await one.ask('text', 100, 'a')).toMatchObject({ error: { code: 'DUPLICATE' } });
  });

  it('remembers maxKeys keys of a user, and maxUsers users', async () => {
    const ann = await start({ maxKeys: 2, maxUsers: 2 });
    const bob = await fixture.connect('bob');
    const cid = await fixture.connect('cid');
    const runs = async (client: TestClient, key: string): Promise<number> => {
      const before = fixture.runs;
      client.send({ event: 'nothing', id: key, meta: { key } });
      await client.nextJson();
      return fixture.runs - before;
    };
    expect([await runs(ann, 'a'), await runs(ann, 'b'), await runs(ann, 'a'), await runs(ann, 'c')]).toEqual([
      1, 1, 0, 1,
    ]);
    expect(await runs(ann, 'a')).toBe(1);
    expect([await runs(bob, 'a'), await runs(ann, 'a'), await runs(cid, 'a')]).toEqual([1, 0, 1]);
    expect(fixture.stages['deduplicate.users-evicted']).toBe(1);
    expect([await runs(ann, 'a'), await runs(bob, 'a')]).toEqual([0, 1]);
  });

  it('lets go of users whose keys have expired, without pushing out anybody', async () => {
    const ann = await start({ maxUsers: 2, ttlMs: 100 });
    ann.send({ event: 'nothing', id: 1, meta: { key: 'k' } });
    await ann.nextJson();
    for (const user of ['bob', 'cid', 'dan']) {
      fixture.clock.advance(100);
      const client = await fixture.connect(user);
      client.send({ event: 'nothing', id: 1, meta: { key: 'k' } });
      await client.nextJson();
    }
    expect(fixture.stages).not.toHaveProperty(['deduplicate.users-evicted']);
  });
});

describe('ReplyBudget', () => {
  const holder = (budget: ReplyBudget, replyBytes: number) => ({
    replyBytes,
    isKept: true,
    giveUpReply() {
      budget.release(this);
      this.isKept = false;
    },
  });

  it('counts what is kept, here and above, and never more than it may', () => {
    const total = new ReplyBudget(100);
    const [one, another] = [new ReplyBudget(60, total), new ReplyBudget(60, total)];
    const a = holder(one, 40);
    const b = holder(one, 30);
    const c = holder(another, 50);
    const d = holder(another, 60);
    expect([one.keep(a), one.keep(b)]).toEqual([true, true]);
    expect([a.isKept, one.bytes, total.bytes]).toEqual([false, 30, 30]);
    another.keep(c);
    expect([one.bytes, another.bytes, total.bytes]).toEqual([30, 50, 80]);
    another.keep(d);
    expect([b.isKept, c.isKept, d.isKept, one.bytes, another.bytes, total.bytes]).toEqual([
      false,
      false,
      true,
      0,
      60,
      60,
    ]);
    expect(another.keep(holder(another, 61))).toBe(false);
    another.release(d);
    another.release(d);
    expect([another.bytes, total.bytes]).toEqual([0, 0]);
  });
});

describe('options that cannot work', () => {
  const host = { clock: new FakeClock(), log: undefined as never, count: () => undefined };
  const store = new MemoryDedupStore();
  it.each<[string, DeduplicateOptions]>([
    ['onDuplicate', { onDuplicate: 'twice' as never }],
    ['ttlMs', { ttlMs: 0 }],
    ['maxIds', { maxIds: 0 }],
    ['maxKeys', { maxKeys: 1.5 }],
    ['maxUsers', { maxUsers: 0 }],
    ['maxReplyBytes', { maxReplyBytes: -1 }],
    ['maxRepliesBytes', { maxRepliesBytes: 0 }],
    ['totalRepliesBytes', { totalRepliesBytes: Infinity }],
    ['name', { store }],
    ['storeTimeoutMs', { store, name: 'x', storeTimeoutMs: 0 }],
    ['bloom', { bloom: true }],
    ['bloom.expectedKeys', { store, name: 'x', bloom: { expectedKeys: 0 } }],
    ['bloom.falsePositives', { store, name: 'x', bloom: { falsePositives: 1 } }],
  ])('%s', (option, options) => {
    expect(() => new DeduplicateStage(options, host)).toThrow(expect.objectContaining({ option }));
  });
});
