import { MemoryCounterStore } from '../../lib/store/memory/memory-counter-store.js';
import type { CounterRule } from '../../lib/store/counter-store.js';
import { counterStoreContract } from '../contract/counter-store.contract.js';
import { FakeClock } from '../support/fake-clock.js';

counterStoreContract({
  name: 'memory',
  create: () => {
    const clock = new FakeClock();
    return Promise.resolve({
      store: new MemoryCounterStore({ clock }),
      pass: (ms) => {
        clock.advance(ms);
        return Promise.resolve();
      },
    });
  },
});

describe('MemoryCounterStore', () => {
  const rule: CounterRule = {
    algorithm: 'sliding-window',
    perMs: 1_000,
    messages: 2,
    bytes: Infinity,
    burstMessages: 2,
    burstBytes: Infinity,
  };
  const start = (maxKeys: number) => {
    const clock = new FakeClock();
    let evicted = 0;
    const store = new MemoryCounterStore({ maxKeys, clock, onEvict: () => void evicted++ });
    const take = (key: string) => store.take(key, rule, 1, 0).isAllowed;
    return { clock, store, take, evicted: () => evicted };
  };

  it('forgets keys that have recovered, as others are used', () => {
    const { clock, store, take, evicted } = start(1_000);
    for (let i = 0; i < 100; i++) take(`old ${i}`);
    clock.advance(1_000);
    for (let i = 0; i < 50; i++) take('busy');
    expect(store.size).toBe(1);
    expect(evicted()).toBe(0);
  });

  it('keeps keys that have not recovered', () => {
    const { clock, store, take } = start(1_000);
    for (let i = 0; i < 100; i++) take(`old ${i}`);
    clock.advance(999);
    for (let i = 0; i < 50; i++) take('busy');
    expect(store.size).toBe(101);
  });

  it('holds its bound: the key untouched for longest makes room, one that keeps asking never does', () => {
    const { store, take, evicted } = start(10);
    take('flooder');
    take('flooder');
    for (let i = 0; i < 1_000; i++) {
      take(`new ${i}`);
      expect(take('flooder')).toBe(false);
      expect(store.size).toBeLessThanOrEqual(10);
    }
    expect(evicted()).toBe(1_000 - 9);
  });

  it('has room for exactly as many keys as it is told', () => {
    const { store, take, evicted } = start(3);
    for (const key of ['a', 'b', 'c']) take(key);
    expect([store.size, evicted()]).toEqual([3, 0]);
    take('d');
    expect([store.size, evicted()]).toEqual([3, 1]);
  });

  it('refuses a bound that cannot work', () => {
    expect(() => new MemoryCounterStore({ maxKeys: 0 })).toThrow('maxKeys');
  });
});
