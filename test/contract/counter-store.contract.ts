import type { CounterRule, CounterStore, CounterVerdict } from '../../lib/store/counter-store.js';

/** A driver, and how its time goes by. */
export interface CounterStoreUnderTest {
  readonly name: string;
  create(): Promise<{ store: CounterStore; pass(ms: number): Promise<void>; close?(): Promise<void> }>;
}

const window = (over: Partial<CounterRule>): CounterRule => {
  const messages = over.messages ?? Infinity;
  const bytes = over.bytes ?? Infinity;
  return {
    algorithm: 'sliding-window',
    perMs: 1_600,
    messages,
    bytes,
    burstMessages: messages,
    burstBytes: bytes,
    ...over,
  };
};
const bucket = (over: Partial<CounterRule>): CounterRule => window({ algorithm: 'token-bucket', ...over });

/** What every driver of {@link CounterStore} promises. */
export function counterStoreContract({ name, create }: CounterStoreUnderTest): void {
  describe(`CounterStore: ${name}`, () => {
    let subject: Awaited<ReturnType<CounterStoreUnderTest['create']>>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(() => subject.close?.());
    const take = async (key: string, rule: CounterRule, messages = 1, bytes = 0): Promise<CounterVerdict> =>
      subject.store.take(key, rule, messages, bytes);
    const allows = async (...demand: Parameters<typeof take>): Promise<boolean> =>
      (await take(...demand)).isAllowed;

    it.each([
      ['sliding window', window({ messages: 3 })],
      ['token bucket', bucket({ messages: 3 })],
    ])('%s: allows the limit, refuses the next, and each key has its own', async (_name, rule) => {
      for (let i = 0; i < 3; i++) expect(await take('a', rule)).toEqual({ isAllowed: true, retryAfterMs: 0 });
      const refused = await take('a', rule);
      expect(refused.isAllowed).toBe(false);
      expect(refused.retryAfterMs).toBeGreaterThan(0);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(1_700);
      expect(await allows('b', rule)).toBe(true);
    });

    it('sliding window: is full until perMs have passed, and free a sixteenth of it later at the latest', async () => {
      const rule = window({ messages: 2 });
      await take('a', rule);
      await take('a', rule);
      await subject.pass(1_599);
      expect(await allows('a', rule)).toBe(false);
      await subject.pass(101);
      expect([await allows('a', rule), await allows('a', rule), await allows('a', rule)]).toEqual([
        true,
        true,
        false,
      ]);
    });

    it('sliding window: moves, instead of starting anew', async () => {
      const rule = window({ messages: 4 });
      await take('a', rule);
      await subject.pass(1_200);
      for (let i = 0; i < 3; i++) await take('a', rule);
      await subject.pass(500);
      expect([await allows('a', rule), await allows('a', rule)]).toEqual([true, false]);
    });

    it('token bucket: has the burst at once, and then one token per perMs / messages', async () => {
      const rule = bucket({ messages: 4, burstMessages: 6 });
      for (let i = 0; i < 6; i++) expect(await allows('a', rule)).toBe(true);
      expect(await take('a', rule)).toEqual({ isAllowed: false, retryAfterMs: 400 });
      await subject.pass(400);
      expect([await allows('a', rule), await allows('a', rule)]).toEqual([true, false]);
      await subject.pass(100_000);
      for (let i = 0; i < 6; i++) expect(await allows('a', rule)).toBe(true);
      expect(await allows('a', rule)).toBe(false);
    });

    it.each([window, bucket])('says after how long the same demand is allowed (%p)', async (make) => {
      const rule = make({ messages: 2 });
      await take('a', rule);
      await subject.pass(300);
      await take('a', rule);
      const { retryAfterMs } = await take('a', rule);
      await subject.pass(retryAfterMs);
      expect(await allows('a', rule)).toBe(true);
    });

    it('does not count what it refuses', async () => {
      const rule = window({ messages: 1 });
      await take('a', rule);
      await subject.pass(800);
      for (let i = 0; i < 50; i++) await take('a', rule);
      await subject.pass(900);
      expect(await allows('a', rule)).toBe(true);
    });

    it('counts messages and bytes together: both or neither', async () => {
      const rule = window({ messages: 3, bytes: 100 });
      expect(await allows('a', rule, 1, 60)).toBe(true);
      expect(await allows('a', rule, 1, 41)).toBe(false);
      expect(await allows('a', rule, 1, 40)).toBe(true);
      expect(await allows('a', rule, 1, 0)).toBe(true);
      expect(await allows('a', rule, 1, 0)).toBe(false);
    });

    it('refuses for ever what is more than the burst', async () => {
      expect(await allows('a', window({ bytes: 100 }), 1, 101)).toBe(false);
      expect(await allows('b', bucket({ bytes: 100 }), 1, 101)).toBe(false);
      expect(await allows('b', bucket({ bytes: 100 }), 1, 100)).toBe(true);
    });

    it('never allows more than the limit in any window, however demands come', async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = mulberry(seed);
      const rule = window({ messages: 20 });
      const allowedAt: number[] = [];
      for (let now = 0, i = 0; i < 400; i++) {
        const ms = Math.floor(random() ** 4 * 900);
        now += ms;
        await subject.pass(ms);
        if (await allows('a', rule)) allowedAt.push(now);
      }
      const most = Math.max(
        ...allowedAt.map((end) => allowedAt.filter((at) => at > end - 1_600 && at <= end).length),
      );
      const isFull = most > 10;
      expect({ seed, isTooMany: most > 20, isFull }).toEqual({ seed, isTooMany: false, isFull: true });
    });
  });
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
