import type { SessionStore } from '../../lib/store/session-store.js';
import { mostSettled } from './session-expectations.js';
import { batch, done, one, stepsOn } from './session-steps.js';

/** Of {@link SessionStore}: what it keeps of messages, and how long. */
export function messagesContract(store: () => SessionStore): void {
  const { write, begin, read } = stepsOn(store);
  const settledIds = async () => (await read()).settled.map(({ id }) => id);

  describe('messages that were sent', () => {
    beforeEach(() => begin());
    const firsts = async () => {
      const { sent, forgotten } = await read();
      return sent.filter(({ first, count }) => first + count - 1 > forgotten).map(({ first }) => first);
    };

    it('are there in order, and count as the last', async () => {
      await write({ sent: [batch(1), batch(2, 3)] });
      await write({ sent: [batch(5)], last: 5 });
      expect(await firsts()).toEqual([1, 2, 5]);
      expect((await read()).last).toBe(5);
    });

    it('may not be kept: the last is known all the same', async () => {
      await write({ sent: [batch(1)], last: 1 });
      await write({ last: 4, forget: 4 });
      await write({ sent: [batch(5)] });
      expect(await read()).toMatchObject({ last: 5, forgotten: 4 });
      expect(await firsts()).toEqual([5]);
    });

    it('go when they are not needed; those that are kept together with a later one stay', async () => {
      await write({ sent: [batch(1, 3), batch(4, 3), batch(7)] });
      await write({ forget: 5 });
      expect(await firsts()).toEqual([4, 7]);
      await write({ forget: 6 });
      expect(await firsts()).toEqual([7]);
      expect(await read()).toMatchObject({ last: 7, forgotten: 6 });
      await write({ forget: 7 });
      expect(await firsts()).toEqual([]);
      expect(await read()).toMatchObject({ last: 7, forgotten: 7 });
    });

    it('and what need not be kept of them, have no way back', async () => {
      await write({ sent: [batch(1), batch(2)], forget: 2 });
      await write({ forget: 1, last: 1 });
      expect(await read()).toMatchObject({ last: 2, forgotten: 2 });
      expect(await firsts()).toEqual([]);
    });

    it('are bounded by what is needed', async () => {
      for (let i = 1; i <= 500; i++) void write({ sent: [batch(i)], ...(i % 7 === 0 && { forget: i - 2 }) });
      await write({ forget: 500 });
      expect((await read()).sent.length).toBeLessThan(100);
    });
  });

  describe('messages that were settled', () => {
    beforeEach(() => begin());

    it('are there in the order in which they were settled first', async () => {
      await write({ settled: [done('c'), done('a')] });
      await write({ settled: [done('b')] });
      await write({ settled: [done('a', '2')] });
      expect((await read()).settled).toEqual([done('c'), done('a', '2'), done('b')]);
    });

    it('take the place of themselves while they ran', async () => {
      const running = { event: 'e', kind: 'running' } as const;
      await write({
        settled: [
          { id: 1, outcome: running },
          { id: 2, outcome: running },
        ],
      });
      await write({ settled: [done(2), done(3)] });
      await write({ settled: [done(1), done(3, '"again"')] });
      expect((await read()).settled).toEqual([done(1), done(2), done(3, '"again"')]);
    });

    it('have ids that are numbers, or texts: one is not the other', async () => {
      const ids = [1, '1', -1, '-1', 0, '0', '', 1.5, '1.5', 2 ** 53 - 1, 1e300, '1e300', 'null', '"1"'];
      await write({ begin: { ...one, id: 'b', remembers: 100 } }, 'b');
      await write({ settled: ids.map((id, i) => done(id, String(i))) }, 'b');
      expect((await read('b')).settled).toEqual(ids.map((id, i) => done(id, String(i))));
    });

    it('are kept as far as they are to be remembered, however they came, and not without bound', async () => {
      const ids = Array.from({ length: 1_000 }, (_, i) => i);
      await write({ settled: ids.slice(0, 300).map((id) => done(id)) });
      await Promise.all(ids.slice(300).map((id) => write({ settled: [done(id)] })));
      const kept = await settledIds();
      expect(kept.slice(-10)).toEqual(ids.slice(-10));
      expect(kept.length).toBeLessThanOrEqual(mostSettled(10));
    });

    it('displace nobody when they are settled again', async () => {
      await write({ settled: [done('first'), done('second')] });
      for (let i = 0; i < 300; i++) void write({ settled: [done('second', String(i))] });
      expect((await read()).settled).toEqual([done('first'), done('second', '299')]);
    });
  });
}
