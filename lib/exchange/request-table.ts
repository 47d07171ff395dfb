import { after, type Clock, type TimerHandle } from '../primitives/clock.js';
import type { Envelope, ErrorBody } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: TimerHandle;
}

/** A question on its way: the id to send it with, and its answer. */
export interface OpenRequest {
  readonly id: number;
  readonly answer: Promise<unknown>;
  /** Stops waiting; the answer rejects with `error`. */
  cancel(error: Error): void;
}

/** Questions one end has asked the other: bounded, timed, all rejected when the connection ends. */
export class RequestTable {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #pending = new Map<number, Pending>();
  readonly #step: 1 | -1;
  #lastId = 0;

  /**
   * @param limit questions in flight, `Infinity` for no limit
   * @param step -1 for servers, whose ids are negative (PROTOCOL.md); 1 for clients
   */
  constructor(clock: Clock, limit: number, step: 1 | -1) {
    this.#step = step;
    this.#clock = clock;
    this.#limit = limit;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * @param again the id of one that was answered, to ask the same once more
   * @throws {GatewireError} `TOO_MANY_REQUESTS` at the limit
   */
  open(timeoutMs: number, timedOut: () => void, again?: number): OpenRequest {
    if (again === undefined && this.#pending.size >= this.#limit) {
      throw new GatewireError(
        ErrorCode.TooManyRequests,
        `${this.#limit} requests to this peer wait for an answer already`,
        {
          remediation: 'Ask less at once, or raise limits.requestsInFlight.',
        },
      );
    }
    const id = again ?? (this.#lastId += this.#step);
    let settle!: Pick<Pending, 'resolve' | 'reject'>;
    const answer = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
    const timer = after(this.#clock, timeoutMs, () => {
      timedOut();
      this.#take(id)?.reject(timeoutError(id, timeoutMs));
    });
    this.#pending.set(id, { ...settle, timer });
    return { id, answer, cancel: (error) => this.#take(id)?.reject(error) };
  }

  /** Gives a frame with `id` and without `event` to who waits for it. False when nobody does (any more). */
  settle(envelope: Envelope): boolean {
    const pending = typeof envelope.id === 'number' ? this.#take(envelope.id) : undefined;
    if (pending === undefined) return false;
    if (envelope.error === undefined) pending.resolve(envelope.data);
    else pending.reject(peerError(envelope.error));
    return true;
  }

  /** Rejects all that waits. */
  rejectAll(error: GatewireError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    this.#clock.clearTimeout(pending.timer);
    return pending;
  }
}

/** Nobody has answered in time. */
export function timeoutError(id: number, timeoutMs: number): GatewireError {
  return new GatewireError(
    ErrorCode.AckTimeout,
    `request ${id}: no answer within ${timeoutMs} ms; it may or may not have been handled`,
    {
      remediation: 'Raise timeoutMs, or have the peer answer before slow work.',
    },
  );
}

/** What the peer answered, as an error of this side. Its code is kept as it came. */
function peerError(body: ErrorBody): GatewireError {
  return new GatewireError(body.code, body.message, { details: body.details });
}
