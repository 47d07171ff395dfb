import type { RateLimitOptions as StageOptions } from '../../pipeline/stages/rate-limit/rate-limit.options.js';
import { RateLimitStage } from '../../pipeline/stages/rate-limit/rate-limit.stage.js';
import type { CounterStore } from '../../store/counter-store.js';
import { forGateways, type ThrottlerGuardClass } from '../throttler/throttler-guard.js';
import {
  isThrottlerStorage,
  ThrottlerCounterStore,
  type ThrottlerStorageLike,
} from '../throttler/throttler-counter-store.js';
import { stageDecorator, type StageDecorator } from './use-middleware.decorator.js';

/** How fast a peer may be. At least one of `messages`, `bytes`, `handshakes`, `controlFrames` is needed. */
export interface RateLimitOptions extends Omit<StageOptions, 'store'> {
  /** Where several processes count together; a `ThrottlerStorage` of `@nestjs/throttler` will do. @default the memory of this process */
  readonly store?: CounterStore | ThrottlerStorageLike;
}

/** `@RateLimit({...})`, `RateLimit.of({...})` and what makes `@nestjs/throttler` work in gateways. */
export interface RateLimitDecorator extends StageDecorator<[RateLimitOptions]> {
  /**
   * Makes `ThrottlerGuard` work in gateways: it counts messages by the peer's address and refuses with `RATE_LIMITED`.
   * HTTP is left as it is, so that one global guard can serve both.
   *
   * @example
   * \@Module({ providers: [{ provide: APP_GUARD, useClass: RateLimit.fromThrottler(ThrottlerGuard) }] })
   */
  fromThrottler(guard: ThrottlerGuardClass): ThrottlerGuardClass;
}

/**
 * Limits how fast messages come to a handler, or to all handlers of a gateway; `RateLimit.of()` in the module's
 * `middleware` limits every endpoint. What is too much gets the error `RATE_LIMITED` with `details.retryAfterMs`.
 *
 * @example
 * \@RateLimit({ messages: 10, perMs: 1_000, by: 'user' })
 * \@SubscribeMessage('order.create')
 * create(@MessageBody() order: OrderDto) {}
 */
export const RateLimit: RateLimitDecorator = Object.assign(
  stageDecorator('RateLimit', (host, { store, ...options }: RateLimitOptions) => {
    if (store === undefined) return new RateLimitStage(options, host);
    const counters = isThrottlerStorage(store) ? new ThrottlerCounterStore(store) : store;
    return new RateLimitStage({ ...options, store: counters }, host);
  }),
  { fromThrottler: forGateways },
);
