import type { Connection } from '../../../connection/connection.js';
import type { Handshake } from '../../../connection/handshake.js';
import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { CloseCode } from '../../../protocol/close-code.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import type { CounterRule, CounterStore, CounterVerdict } from '../../../store/counter-store.js';
import { MemoryCounterStore } from '../../../store/memory/memory-counter-store.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, HandshakePhase, InboundPhase, StageHost } from '../../middleware.js';
import { EventSelection } from '../../../routing/event-selection.js';
import { addressBlock } from './address-block.js';
import { DependableStore } from './dependable-store.js';
import { Offences } from './offences.js';
import { type RateLimitOptions, type ResolvedRateLimit, resolveRateLimit } from './rate-limit.options.js';
import { WaitingLines } from './waiting-lines.js';

type Verdict = CounterVerdict | PromiseLike<CounterVerdict>;

/** Counts what peers send, and says what happens to what is too much. */
export class RateLimitStage implements GatewayMiddleware {
  readonly inbound?: InboundPhase;
  readonly handshake?: HandshakePhase;
  readonly controlFrame?: NonNullable<GatewayMiddleware['controlFrame']>;
  readonly #options: ResolvedRateLimit;
  readonly #events: EventSelection;
  readonly #host: StageHost;
  readonly #store: CounterStore;
  /** Of this process: what belongs to one connection is counted where it is. */
  readonly #local: MemoryCounterStore;
  readonly #offences: Offences;
  readonly #lines: WaitingLines;

  /** @throws {OptionError} */
  constructor(options: RateLimitOptions, host: StageHost) {
    this.#options = resolveRateLimit(options);
    this.#events = new EventSelection(options.events);
    this.#host = host;
    this.#local = new MemoryCounterStore({
      maxKeys: this.#options.maxKeys,
      clock: host.clock,
      onEvict: () => host.count('rate-limit.evicted'),
    });
    this.#store = this.#createStore(this.#local);
    this.#offences = new Offences(this.#options.closeAfter);
    this.#lines = new WaitingLines(host.clock);
    const { messages, handshakes, controlFrames } = this.#options;
    // A phase that is not there costs nothing.
    if (messages !== null) this.inbound = (message, next) => this.#inbound(message, next, messages);
    if (handshakes !== null) this.handshake = (handshake, next) => this.#enter(handshake, next, handshakes);
    if (controlFrames !== null) this.controlFrame = (connection) => this.#control(connection, controlFrames);
  }

  #createStore(fallback: MemoryCounterStore): CounterStore {
    const { store, storeTimeoutMs: timeoutMs, messages, handshakes } = this.#options;
    const host = this.#host;
    if (store === undefined) return fallback;
    for (const rule of [messages, handshakes]) if (rule !== null) store.check?.(rule);
    return new DependableStore({ store, fallback, timeoutMs, host });
  }

  #inbound(message: InboundMessage, next: Next, rule: CounterRule): void | Promise<void> {
    if (!this.#events.has(message.event)) return next();
    const subject = this.#options.keyOf(message);
    if (subject === undefined) return next();
    if (message.bytes > rule.burstBytes) return this.#refuseForEver(message);
    const key = `${this.#options.name}m:${subject}`;
    if (this.#lines.has(key)) return this.#delay(message, next, key, rule);
    const verdict = this.#store.take(key, rule, 1, message.bytes);
    if (!isPromise(verdict)) return this.#decide(message, next, key, rule, verdict);
    return Promise.resolve(verdict).then((one) => this.#decide(message, next, key, rule, one));
  }

  #decide(
    message: InboundMessage,
    next: Next,
    key: string,
    rule: CounterRule,
    { isAllowed, retryAfterMs }: CounterVerdict,
  ): void | Promise<void> {
    if (isAllowed) return next();
    if (this.#options.onLimit === 'delay') return this.#delay(message, next, key, rule, retryAfterMs);
    this.#refuse(message, retryAfterMs);
  }

  async #delay(
    message: InboundMessage,
    next: Next,
    key: string,
    rule: CounterRule,
    firstWaitMs = 0,
  ): Promise<void> {
    const { clock } = this.#host;
    this.#host.count('rate-limit.delayed');
    const endsAt = clock.now() + this.#options.maxDelayMs;
    const refusedForMs = await this.#lines.wait(key, async () => {
      let waitMs = firstWaitMs;
      for (;;) {
        if (waitMs > 0) {
          if (clock.now() + waitMs > endsAt) return waitMs;
          await this.#lines.sleep(waitMs, message.signal);
        }
        if (message.signal.aborted) return 0;
        const verdict = await this.#store.take(key, rule, 1, message.bytes);
        if (verdict.isAllowed) return undefined;
        waitMs = Math.max(1, verdict.retryAfterMs);
      }
    });
    if (refusedForMs === undefined) return next();
    if (message.signal.aborted) message.reject(ErrorCode.Cancelled, 'nobody waits for it any more');
    else this.#refuse(message, refusedForMs);
  }

  #refuse(message: InboundMessage, retryAfterMs: number): void {
    this.#reject(message, ErrorCode.RateLimited, 'too many messages', { retryAfterMs });
  }

  /** More bytes than there ever can be: to try again later would not help. */
  #refuseForEver(message: InboundMessage): void {
    this.#reject(message, ErrorCode.PayloadTooLarge, 'more bytes than the rate limit lets through at once');
  }

  #reject(message: InboundMessage, code: ErrorCode, text: string, details?: unknown): void {
    const { connection } = message;
    const now = this.#host.clock.now();
    this.#host.count('rate-limit.refused');
    // A requester always gets its outcome. Nobody else is told so often that refusing becomes the work.
    if (message.id !== undefined || this.#offences.mayTell(connection, now))
      message.reject(code, text, details);
    else message.drop('rate-limit');
    const isAbuse = this.#offences.note(connection, now);
    if (this.#options.onLimit === 'close') this.#close(connection);
    else if (isAbuse) this.#closeAbuser(connection);
  }

  #closeAbuser(connection: Connection): void {
    this.#host.log.warn(
      'RATE_LIMIT_ABUSE',
      () => `connection ${connection.id} goes on after many refusals: closed with 4429`,
    );
    this.#close(connection);
  }

  #close(connection: Connection): void {
    this.#host.count('rate-limit.closed');
    // What refuses the message is written when the stages have returned; a connection that closes writes no more.
    process.nextTick(() => connection.close(CloseCode.TooManyRequests, 'too many messages'));
  }

  #control(connection: Connection, rule: CounterRule): void {
    if (this.#local.take(`p:${connection.id}`, rule, 1, 0).isAllowed) return;
    this.#host.count('rate-limit.control-frames-refused');
    connection.close(CloseCode.TooManyRequests, 'too many pings or pongs');
  }

  #enter({ address }: Handshake, next: Next, rule: CounterRule): void | Promise<void> {
    const verdict: Verdict = this.#store.take(`${this.#options.name}h:${addressBlock(address)}`, rule, 1, 0);
    if (!isPromise(verdict)) return this.#admit(verdict, next);
    return Promise.resolve(verdict).then((one) => this.#admit(one, next));
  }

  #admit({ isAllowed, retryAfterMs }: CounterVerdict, next: Next): void | Promise<void> {
    if (isAllowed) return next();
    this.#host.count('rate-limit.handshakes-refused');
    throw new GatewireError(ErrorCode.RateLimited, 'too many connection attempts from this address', {
      details: { retryAfterMs },
    });
  }
}
