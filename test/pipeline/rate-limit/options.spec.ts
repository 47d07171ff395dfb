import { RateLimitStage } from '../../../lib/pipeline/stages/rate-limit/rate-limit.stage.js';
import { MemoryCounterStore } from '../../../lib/store/memory/memory-counter-store.js';
import type { RateLimitOptions } from '../../../lib/pipeline/stages/rate-limit/rate-limit.options.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('options that cannot work', () => {
  const host = { clock: new FakeClock(), log: undefined as never, count: () => undefined };
  it.each<[string, Partial<RateLimitOptions>]>([
    ['messages', { messages: undefined as never }],
    ['messages', { messages: 0 }],
    ['bytes', { bytes: -1 }],
    ['perMs', { perMs: 0 }],
    ['perMs', { perMs: 1.5 }],
    ['algorithm', { algorithm: 'leaky' as never }],
    ['burst', { burst: 5 }],
    ['burst', { algorithm: 'token-bucket', burst: 0 }],
    ['burst', { algorithm: 'token-bucket', messages: undefined as never, bytes: 5, burst: 5 }],
    ['by', { by: 'moon' as never }],
    ['by', { by: [] }],
    ['onLimit', { onLimit: 'shout' as never }],
    ['maxDelayMs', { maxDelayMs: 0 }],
    ['closeAfter.refusals', { closeAfter: { refusals: 0 } }],
    ['closeAfter.perMs', { closeAfter: { perMs: 0 } }],
    ['maxKeys', { maxKeys: 0 }],
    ['name', { store: new MemoryCounterStore() }],
    ['storeTimeoutMs', { storeTimeoutMs: 0 }],
  ])('%s', (option, options) => {
    expect(() => new RateLimitStage({ messages: 1, perMs: 1_000, ...options }, host)).toThrow(
      expect.objectContaining({ option }),
    );
  });
});
