import type { Envelope } from '../protocol/envelope.js';

/** What the server has told that it takes. */
export interface ServerLimits {
  /** Outcomes that may be missing at once. `false`: any number. */
  readonly requestsInFlight?: number | false;
  readonly batchItems?: number | false;
  readonly maxPayloadBytes?: number | false;
}

/** What `$welcome` says (PROTOCOL.md, "Sessions"). */
export interface Welcome {
  readonly session: string;
  readonly token?: string;
  readonly resumed: boolean;
  readonly recovered: boolean;
  readonly seq: number;
  readonly limits?: ServerLimits;
  readonly heartbeat?: { readonly intervalMs: number; readonly timeoutMs: number } | false;
}

/** What resumes a session. */
export interface SessionTicket {
  readonly session: string;
  readonly token: string;
  /** Number of the last message that has been processed. */
  readonly seq: number;
}

/** Acknowledged at the latest after so many messages, or so many milliseconds. */
export const ackMessages = 64;
export const ackMs = 250;

/** The client's memory of its session: who it is, and what it has processed. */
export class Session {
  #ticket: Omit<SessionTicket, 'seq'> | null = null;
  #processed = 0;
  #acknowledged = 0;
  /** Number of the message that comes next on this connection. */
  #next = 0;

  get id(): string | undefined {
    return this.#ticket?.session;
  }

  /** For `$hello`; null when a new session is to be asked for. */
  get ticket(): SessionTicket | null {
    return this.#ticket && { ...this.#ticket, seq: this.#processed };
  }

  /** Takes up the session of an earlier life. */
  restore({ session, token, seq }: SessionTicket): void {
    this.#ticket = { session, token };
    this.#processed = seq;
  }

  welcome({ session, token, recovered, seq }: Welcome): void {
    if (session !== this.#ticket?.session) this.#ticket = { session, token: token ?? '' };
    // What comes again although it has been processed is counted, and dropped.
    this.#processed = recovered ? this.#processed : seq - 1;
    this.#acknowledged = this.#processed;
    this.#next = seq;
  }

  /** There is none: neither now nor to resume. */
  forget(): void {
    this.#ticket = null;
    this.#processed = this.#acknowledged = this.#next = 0;
  }

  /** A message has come. Its number; null when it has been processed before. */
  count(): number | null {
    const number = this.#next++;
    return number > this.#processed ? number : null;
  }

  /** A message has been processed. True when it is time to acknowledge at once. */
  processed(number: number): boolean {
    this.#processed = number;
    return number - this.#acknowledged >= ackMessages;
  }

  /** The acknowledgement to send; undefined when there is nothing new to say. */
  acknowledge(): Envelope | undefined {
    if (this.#acknowledged === this.#processed) return undefined;
    this.#acknowledged = this.#processed;
    return { event: '$ack', ack: this.#processed };
  }
}
