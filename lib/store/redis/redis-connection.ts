import { type Clock, systemClock } from '../../primitives/clock.js';
import { durationMs } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import { StoreError } from '../store-error.js';
import { type RedisArgument, type RedisClient, sendBy, type SendCommand } from './redis-client.js';
import { storeErrorOf } from './redis-failure.js';
import type { RedisScript } from './redis-script.js';

/** How Redis is reached. */
export interface RedisConnectionOptions {
  /** Of ioredis or node-redis; the application connects and closes it. */
  readonly client: RedisClient;
  /**
   * How long an answer may take. Clients keep commands while they are not connected, for ever if they are left to it: beyond
   * this time a call fails as `unavailable`, and whether it is done later is not known. @default 5_000
   */
  readonly commandTimeoutMs?: number;
  readonly clock?: Clock;
}

/** What Redis answers: texts are bytes. */
export type RedisReply = Buffer | number | null | readonly RedisReply[];

/** Commands and scripts on the application's client, within a time. Errors are {@link StoreError}s. */
export class RedisConnection {
  readonly #send: SendCommand;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #waiting = 0;

  /** @throws {OptionError} */
  constructor({ client, commandTimeoutMs = 5_000, clock = systemClock }: RedisConnectionOptions) {
    const send = sendBy(client);
    if (send === undefined) throw new OptionError('client', 'a client of ioredis or of node-redis', client);
    this.#send = send;
    this.#timeoutMs = durationMs('commandTimeoutMs', commandTimeoutMs);
    this.#clock = clock;
  }

  /** Calls that have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** `key`: by which a cluster finds the node, where the command has one. @throws {StoreError} */
  call(key: string | undefined, command: string, ...args: RedisArgument[]): Promise<RedisReply> {
    return this.#within(async (signal) => await this.#send(key, [command, ...args], signal));
  }

  /** Sends the script itself only to a Redis that does not know it. @throws {StoreError} */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply> {
    const rest = [String(keys.length), ...keys, ...args];
    return this.#within(async (signal) => {
      try {
        return await this.#send(keys[0], ['EVALSHA', script.sha, ...rest], signal);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        // The time is over, and who asked has been told so: what is not sent is not done.
        signal().throwIfAborted();
        return await this.#send(keys[0], ['EVAL', script.source, ...rest], signal);
      }
    });
  }

  #within(send: (signal: () => AbortSignal) => Promise<unknown>): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      let controller: AbortController | undefined;
      this.#waiting++;
      const timer = this.#clock.setTimeout(() => {
        const late = `Redis has not answered within ${this.#timeoutMs} ms`;
        settle(() => reject(new StoreError('unavailable', late)));
        controller ??= new AbortController();
        controller.abort();
      }, this.#timeoutMs);
      let isSettled = false;
      const settle = (tell: () => void): void => {
        if (isSettled) return;
        isSettled = true;
        this.#waiting--;
        this.#clock.clearTimeout(timer);
        tell();
      };
      const signal = (): AbortSignal => (controller ??= new AbortController()).signal;
      send(signal).then(
        (reply) => settle(() => resolve(reply as RedisReply)),
        (error: unknown) => settle(() => reject(storeErrorOf(error))),
      );
    });
  }
}
