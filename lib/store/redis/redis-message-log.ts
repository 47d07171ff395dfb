import { randomId } from '../../primitives/random-id.js';
import type { LoggedMessage, LogPage, LogPosition, LogQuery, MessageLog, Retention } from '../message-log.js';
import { StoreError } from '../store-error.js';
import { hashTag } from './hash-tag.js';
import {
  type Answered,
  appendArguments,
  type LogCaller,
  type LogFate,
  pageIn,
  positionIn,
  readArguments,
} from './log-calls.js';
import { type Batch, LogLane } from './log-lane.js';
import { type Doubt, LogMemory } from './log-memory.js';
import { appendScript, readScript } from './log-scripts.js';
import { RedisConnection } from './redis-connection.js';
import { isRefusal } from './redis-failure.js';
import {
  type RedisMessageLogOptions,
  type RedisMessageLogSettings,
  resolveRedisMessageLogOptions,
} from './redis-message-log.options.js';

const nothing: LogQuery = { limit: 0, maxBytes: 0 };

/**
 * Keeps logs in Redis 7 or newer, where several servers share them: one order, offsets without gaps. Each step is one script.
 * An append resolves when Redis has it; whether it survives the end of Redis is a matter of how Redis is set up (`durability`).
 *
 * An append that has failed without an answer may have been done: then the epoch changes as soon as Redis is heard of again.
 */
export class RedisMessageLog implements MessageLog {
  readonly #settings: RedisMessageLogSettings;
  readonly #redis: RedisConnection;
  readonly #writer = randomId();
  readonly #memory = new LogMemory();
  readonly #lanes = new Map<string, LogLane>();
  #batches = 0;
  #queued = 0;
  #queuedBytes = 0;
  #isClosed = false;

  /** @throws {OptionError} */
  constructor(options: RedisMessageLogOptions) {
    this.#settings = resolveRedisMessageLogOptions(options);
    this.#redis = new RedisConnection(options);
  }

  /** Appends that wait for Redis. */
  get queued(): number {
    return this.#queued;
  }

  /** Of their bodies and keys. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  async append(log: string, { body, key }: LoggedMessage, retention: Retention): Promise<LogPosition> {
    this.#assertOpen();
    const size = Buffer.byteLength(body) + (key === undefined ? 0 : Buffer.byteLength(key));
    this.#admit(size);
    try {
      // A copy: nobody changes it before it is sent.
      const content = typeof body === 'string' ? body : new Uint8Array(body);
      return await this.#lane(log).append({ body: content, key, size }, retention);
    } finally {
      this.#queued--;
      this.#queuedBytes -= size;
    }
  }

  async read(log: string, query: LogQuery): Promise<LogPage> {
    this.#assertOpen();
    return this.#lane(log).after(() => this.#read(log, query));
  }

  async remove(log: string): Promise<void> {
    this.#assertOpen();
    const keys = this.#keysOf(log);
    await this.#lane(log).inTurn(() => this.#redis.call(keys[0], 'UNLINK', ...keys));
    this.#memory.forget(log);
  }

  /** Resolves when what was asked for is done, or has failed. The client stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.after(() => Promise.resolve())));
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError('closed', 'the log is closed');
  }

  #admit(size: number): void {
    const { queued, queuedBytes } = this.#settings;
    const isTooMuch = this.#queued > 0 && this.#queuedBytes + size > queuedBytes;
    if (this.#queued >= queued || isTooMuch)
      throw new StoreError('overloaded', 'too many appends wait for Redis (queued, queuedBytes)');
    this.#queued++;
    this.#queuedBytes += size;
  }

  #lane(log: string): LogLane {
    let lane = this.#lanes.get(log);
    if (lane === undefined) {
      lane = new LogLane(
        (batch) => this.#append(log, batch),
        () => this.#lanes.delete(log),
      );
      this.#lanes.set(log, lane);
    }
    return lane;
  }

  async #append(log: string, batch: Batch): Promise<LogPosition> {
    const number = ++this.#batches;
    const caller = this.#caller(log);
    const args = appendArguments(caller, number, batch, this.#settings);
    try {
      const reply = await this.#redis.run(appendScript, this.#keysOf(log), args);
      return this.#heard(log, positionIn(reply), caller.doubt);
    } catch (error) {
      if (!isRefusal(error)) this.#doubted(log, number);
      throw error;
    }
  }

  async #read(log: string, query: LogQuery): Promise<LogPage> {
    const caller = this.#caller(log);
    const reply = await this.#redis.run(readScript, this.#keysOf(log), readArguments(caller, query));
    return this.#heard(log, pageIn(reply, query.after ?? 0), caller.doubt);
  }

  #caller(log: string): LogCaller {
    const { now, trustsRestarts } = this.#settings;
    return {
      now: now === undefined ? undefined : Math.floor(now()),
      writer: this.#writer,
      known: this.#memory.position(log),
      doubt: this.#memory.doubt(log),
      trustsRestarts,
    };
  }

  #heard<Value extends LogPosition>(
    log: string,
    { fate, value }: Answered<Value>,
    doubt: Doubt | undefined,
  ): Value {
    this.#memory.heard(log, value, doubt);
    this.#tellLoss(log, fate);
    return value;
  }

  #tellLoss(log: string, fate: LogFate): void {
    if (fate !== 'behind') return;
    const { onLoss } = this.#settings;
    onLoss(new StoreError('lost', `Redis has less than it had confirmed: the epoch of "${log}" was changed`));
  }

  /** If it was done, nobody may go on from it: asks at once, and again with whatever is asked of the log next. */
  #doubted(log: string, batch: number): void {
    this.#memory.doubted(log, batch);
    // Without an answer the doubt stays.
    void this.#lane(log)
      .after(() => this.#read(log, nothing))
      .catch(() => undefined);
  }

  #keysOf(log: string): [string, string, string] {
    const tag = hashTag(this.#settings.prefix, log);
    return [`${tag}:messages`, `${tag}:state`, `${tag}:latest`];
  }
}
