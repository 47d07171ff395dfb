import { RedisSessionStore } from '../../../lib/store/redis/redis-session-store.js';
import type { RedisSessionStoreOptions } from '../../../lib/store/redis/redis-session-store.options.js';
import type { SessionChange } from '../../../lib/store/session-store.js';
import type { StoreError } from '../../../lib/store/store-error.js';
import { one } from '../../contract/session-steps.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { TestRedisClient } from '../../support/redis-server.js';

export const fault = (name: string): unknown => expect.objectContaining({ name: 'StoreError', fault: name });

/** One process with its store. */
export class SessionLife {
  readonly clock = new FakeClock();
  readonly losses: StoreError[] = [];
  readonly store: RedisSessionStore;

  constructor(
    redis: Pick<TestRedisClient, 'client'>,
    readonly owner: string,
    options: Partial<RedisSessionStoreOptions> = {},
  ) {
    const onLoss = (error: StoreError): void => void this.losses.push(error);
    this.store = new RedisSessionStore({ client: redis.client, clock: this.clock, onLoss, ...options });
  }

  begin(id: string, rest: SessionChange = {}): Promise<void> {
    return this.write(id, { begin: { ...one, id }, ...rest });
  }

  write(id: string, change: SessionChange): Promise<void> {
    return this.store.write(id, this.owner, change);
  }

  claim(id: string): ReturnType<RedisSessionStore['claim']> {
    return this.store.claim(id, one.tokenHash, this.owner);
  }

  async adopt(): Promise<string[]> {
    return (await this.store.adopt(this.owner)).map(({ record }) => record.id).sort();
  }

  renew(): Promise<void> {
    return this.store.renew(this.owner, 15_000);
  }
}
