import { HandledWindow, type SharedBytes } from '../../lib/exchange/handled-window.js';

function windowOf(messages: number, bytes = 1000, shared: SharedBytes = { max: 1000, used: 0 }) {
  return new HandledWindow<string | number, string>({ messages, bytes, shared });
}

type Window = ReturnType<typeof windowOf>;

function handle(window: Window, key: string | number, outcome = 'x', bytes = 1): void {
  const handled = window.begin(key, 'event');
  if (handled !== undefined) window.done(handled, outcome, bytes);
}

describe('HandledWindow', () => {
  it('remembers the latest, at the limit and one past it, and tells 1 from "1"', () => {
    const window = windowOf(3);
    for (const key of [1, '1', 2]) handle(window, key, `outcome of ${typeof key} ${key}`);
    expect(window.get(1)?.outcome).toBe('outcome of number 1');
    expect(window.get('1')?.outcome).toBe('outcome of string 1');
    handle(window, 3);
    expect([window.get(1), window.size]).toEqual([undefined, 3]);
    expect(window.get('1')).toBeDefined();
  });

  it('pushes out nothing that runs, and has no room when all do', () => {
    const window = windowOf(2);
    const first = window.begin(1, 'event');
    handle(window, 2);
    handle(window, 3);
    expect([window.get(1), window.get(2)?.key, window.get(3)?.key]).toEqual([first, undefined, 3]);
    const fourth = window.begin(4, 'event');
    expect(window.begin(5, 'event')).toBeUndefined();
    if (fourth) window.done(fourth, 'x', 1);
    expect(window.begin(5, 'event')).toBeDefined();
    expect([window.get(1), window.get(4), window.size]).toEqual([first, undefined, 2]);
  });

  it('takes the object of the one it pushes out for the next, unless somebody may still look at it', async () => {
    const window = windowOf(1);
    const first = window.begin(1, 'event');
    if (first) window.done(first, 'of the first', 1);
    const second = window.begin(2, 'other');
    expect(second).toBe(first);
    expect(second).toMatchObject({ key: 2, event: 'other', outcome: undefined, isRunning: true });
    const waiting = second?.settled().then(() => second.outcome);
    if (second) window.done(second, 'of the second', 1);
    // Before who waits for it has been called.
    const third = window.begin(3, 'event');
    expect(third).not.toBe(second);
    expect(second).toMatchObject({ key: 2, event: 'other' });
    await waiting;
  });

  it('gives up the oldest outcomes for new ones, and remembers that there were some', () => {
    const shared = { max: 1000, used: 0 };
    const window = windowOf(100, 10, shared);
    for (let key = 1; key <= 5; key++) handle(window, key, `${key}`, 2);
    expect([window.get(1)?.outcome, window.bytes, shared.used]).toEqual(['1', 10, 10]);
    handle(window, 6, '6', 3);
    expect([1, 2, 3, 6].map((key) => window.get(key)?.outcome)).toEqual([undefined, undefined, '3', '6']);
    expect(window.get(1)?.isRunning).toBe(false);
    handle(window, 7, 'too long for it', 11);
    expect([window.get(7)?.outcome, window.bytes]).toEqual([undefined, 9]);
    window.clear();
    expect([window.size, window.bytes, shared.used]).toEqual([0, 0, 0]);
  });

  it('shares the bound of bytes with others: it gives up its own', () => {
    const shared = { max: 10, used: 0 };
    const [one, other] = [windowOf(100, 10, shared), windowOf(100, 10, shared)];
    handle(one, 1, '1', 6);
    handle(other, 1, '1', 4);
    handle(other, 2, '2', 3);
    expect([one, other].map((window) => window.get(1)?.outcome)).toEqual(['1', undefined]);
    expect(other.get(2)?.outcome).toBe('2');
    handle(other, 3, '3', 5);
    expect([other.get(2)?.outcome, other.get(3)?.outcome, shared.used]).toEqual([undefined, undefined, 6]);
  });

  it('tells who waits when it is done, and also when it is forgotten', async () => {
    const window = windowOf(10);
    const begin = (key: number) => window.begin(key, 'event') as NonNullable<ReturnType<Window['begin']>>;
    const [first, second] = [begin(1), begin(2)];
    const waiting = [first.settled(), second.settled()];
    window.done(first, 'x', 1);
    window.forget(second);
    await Promise.all(waiting);
    expect([window.get(1)?.outcome, window.get(2)]).toEqual(['x', undefined]);
  });

  it('is the same as a plain list would be, whatever happens, and stays small', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    const shared = { max: 10_000, used: 0 };
    const window = windowOf(20, 100, shared);
    const running = new Map<number, NonNullable<ReturnType<Window['begin']>>>();
    for (let step = 0; step < 20_000; step++) {
      const key = random(60);
      const known = window.get(key);
      if (known === undefined) {
        const handled = window.begin(key, 'event');
        if (handled !== undefined) running.set(key, handled);
      } else if (known.isRunning) {
        running.delete(key);
        if (random(3) === 0) window.forget(known);
        else window.done(known, `${key}`, random(30));
      } else if (known.outcome !== undefined && known.outcome !== `${key}`) throw new Error(`seed ${seed}`);
      const isSound =
        window.size <= 20 &&
        window.bytes <= 100 &&
        window.bytes === shared.used &&
        [...running.values()].every((one) => window.get(one.key) === one);
      if (!isSound) throw new Error(`not sound at step ${step}, seed ${seed}`);
    }
    for (const handled of running.values()) window.done(handled, 'x', 0);
    window.clear();
    expect(shared.used).toBe(0);
  });
});
