import { MemoryDedupStore } from '../../lib/store/memory/memory-dedup-store.js';
import { dedupStoreContract } from '../contract/dedup-store.contract.js';
import { FakeClock } from '../support/fake-clock.js';

dedupStoreContract({
  name: 'memory',
  create: () => {
    const clock = new FakeClock();
    return Promise.resolve({
      store: new MemoryDedupStore(clock),
      pass: (ms) => {
        clock.advance(ms);
        return Promise.resolve();
      },
    });
  },
});

describe('MemoryDedupStore', () => {
  it('lets go of what has expired as others come', () => {
    const clock = new FakeClock();
    const store = new MemoryDedupStore(clock);
    for (let i = 0; i < 100; i++) store.claim(`old ${i}`, 'e', 1_000);
    clock.advance(1_000);
    store.claim('new', 'e', 1_000);
    expect(store.size).toBe(1);
  });
});
