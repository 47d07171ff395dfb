import type { ErrorCode } from '../../protocol/error-code.js';

/** The message is taken away; `drop` is the reason, from a fixed set, that it is counted by. A requester gets `FILTERED`. */
export interface DropOutcome {
  readonly drop: string;
}

/** The peer is told. Of a message on its way out, the one who emits is told. */
export interface RejectOutcome {
  readonly reject: ErrorCode | (string & {});
  /** @default 'the message was filtered out' */
  readonly message?: string;
  readonly details?: unknown;
}

/** The message goes to the handlers of another event; on its way out it gets another name. */
export interface RouteOutcome {
  readonly route: string;
}

/** A requester gets this answer, as if a handler had returned it. Of incoming messages only. */
export interface AnswerOutcome {
  readonly answer: unknown;
}

/** An outcome that ends a chain of rules. */
export type FinalOutcome = DropOutcome | RejectOutcome | RouteOutcome | AnswerOutcome;

/** The message gets other data, and goes on to the next rule. */
export interface ReplaceOutcome {
  readonly replace: unknown;
}

/** What a rule says about a message; undefined, like `'pass'`: nothing. */
export type FilterOutcome = 'pass' | FinalOutcome | ReplaceOutcome;

/** What a peer reads unless a rule has words of its own. */
export const filteredOut = 'the message was filtered out';
