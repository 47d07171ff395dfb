import type { Envelope, ErrorBody } from '../protocol/envelope.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { Payload } from './wire.js';

/** Who waits for the outcome of a message. */
export interface OutcomeTaker {
  /** One outcome, or one item of several (`more`). */
  outcome(envelope: Envelope): void;
  failed(error: GatewireError): void;
}

/** A message on its way out: from the call until its outcome is known. */
export class Outgoing {
  readonly id: string | number;
  readonly envelope: Envelope;
  readonly taker: OutcomeTaker;
  /** An emit: it may be given up for another, and is kept across a reload. */
  readonly isEmit: boolean;
  /** Encoded once: it is the same message whenever it is sent. Null while stages still work on it. */
  payload: Payload | null = null;
  /** When it was taken, by the client's clock. */
  since = 0;
  /** How often it was sent. */
  sends = 0;
  /** It waits for a connection, or for its turn on one. */
  isWaiting = true;
  /** It was refused for the moment, and waits until it is tried again. */
  isDelayed = false;
  /** Several outcomes may come; a reader who leaves tells the server. */
  isStream = false;
  /** Called once when it is settled. */
  settled: (() => void) | null = null;
  /** Items of a stream that have come. */
  items = 0;
  /** When to try again after an error, in milliseconds from now; `false`: not. */
  retryInMs: ((error: ErrorBody) => number | false) | null = null;
  /** Replaced by a later one with the same name while it waits. */
  readonly latest: string | undefined;
  /** 0 goes before 1, and 1 before 2. */
  readonly rank: number;

  constructor(
    envelope: Envelope & { id: string | number },
    taker: OutcomeTaker,
    {
      isEmit = false,
      latest,
      rank = 1,
    }: { isEmit?: boolean; latest?: string | undefined; rank?: number } = {},
  ) {
    this.id = envelope.id;
    this.envelope = envelope;
    this.taker = taker;
    this.isEmit = isEmit;
    this.latest = latest;
    this.rank = rank;
  }

  /** Its size in the outbox, in bytes; roughly, for text. */
  get bytes(): number {
    return this.payload?.length ?? 0;
  }
}

/** An error of the client's own. */
export function clientError(code: string, message: string, cause?: unknown): GatewireError {
  return new GatewireError(code, message, cause === undefined ? {} : { cause });
}

/** An error that the server has answered with. */
export function serverError({ code, message, details }: ErrorBody): GatewireError {
  return new GatewireError(code, message, { details });
}

/** It is not known what became of a message. */
export function disconnected(): GatewireError {
  return clientError('DISCONNECTED', 'the connection has ended before the answer came');
}
