import { constantTimeEqual } from '../pipeline/constant-time-equal.js';
import { randomId } from '../primitives/random-id.js';
import type { ErrorBody } from '../protocol/envelope.js';

/** An answer that came by another way than the connection. */
export type AckOutcome = { readonly data: unknown } | { readonly error: ErrorBody };

/**
 * What became of an answer by token: it was taken; nobody waits for it any more (it is answered, or given up); or nobody ever gave out this token,
 * as far as is remembered.
 */
export type AckResult = 'settled' | 'gone' | 'unknown';

/** Answers one question. */
export interface AckTicket {
  /** Unguessable. */
  readonly token: string;
  /** Nobody waits any more. */
  close(): void;
}

interface Entry {
  readonly secret: string;
  /** False: nobody waits. Null: it is over. */
  settle: ((outcome: AckOutcome) => boolean) | null;
}

/** Tokens of questions that are over: so many are told from those that never were. */
const remembered = 1_000;

/** Questions to peers that may be answered elsewhere, by whoever has the token that was sent with them. */
export class PeerAcks {
  /** By the public part of a token, so that the secret one is only ever compared in constant time. */
  readonly #entries = new Map<string, Entry>();
  readonly #over: string[] = [];

  /** @param settle takes the answer; false: nobody waits for it */
  open(settle: (outcome: AckOutcome) => boolean): AckTicket {
    const id = randomId();
    const entry: Entry = { secret: randomId(), settle };
    this.#entries.set(id, entry);
    return { token: `${id}.${entry.secret}`, close: () => this.#close(id, entry) };
  }

  settle(token: string, outcome: AckOutcome): AckResult {
    const [id = '', secret = ''] = token.split('.', 2);
    const entry = this.#entries.get(id);
    if (entry === undefined || !constantTimeEqual(secret, entry.secret)) return 'unknown';
    return entry.settle?.(outcome) === true ? 'settled' : 'gone';
  }

  #close(id: string, entry: Entry): void {
    entry.settle = null;
    this.#over.push(id);
    if (this.#over.length > remembered) this.#entries.delete(this.#over.shift() as string);
  }
}
