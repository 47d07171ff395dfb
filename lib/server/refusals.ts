import type { Connection } from '../connection/connection.js';
import { type ErrorMapper, toErrorBody } from '../pipeline/error-body.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import type { ErrorBody, MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import type { ProtocolError } from '../protocol/protocol-error.js';
import type { AnswerContext, Outcomes } from './outcomes.js';

/** How often each error code has gone to a peer. */
export type ErrorCounts = Map<string, number>;

/** What refusals need. */
export interface RefusalSettings {
  readonly outcomes: Outcomes;
  readonly counts: ErrorCounts;
  readonly log: ThrottledLog;
  readonly mapError: ErrorMapper;
  /** platform-ws drops what it cannot handle without a word. */
  readonly isSilent: boolean;
}

/** Tells a peer, the counters and the log that something was refused. */
export class Refusals {
  readonly #settings: RefusalSettings;

  constructor(settings: RefusalSettings) {
    this.#settings = settings;
  }

  /** A frame or a message was refused before it reached a handler. The connection lives on. */
  refuse(connection: Connection, id: MessageId | undefined, error: unknown): void {
    const { log, isSilent, outcomes } = this.#settings;
    const body = this.count(error);
    // Not a refusal but a fault of ours: what it was goes into the log, and nowhere else.
    if (body.code === ErrorCode.Internal) log.error('INTERNAL', error);
    else
      log.warn(
        body.code,
        () => `refused a message of connection ${connection.id}: ${body.code}, ${body.message}`,
      );
    if (id !== undefined) outcomes.error(connection, id, body);
    else if (!isSilent)
      outcomes.event(connection, 'exception', { status: 'error', message: body.message, code: body.code });
  }

  /** A whole frame was refused: the requests in it, where they could be read, are owed an outcome. */
  refuseFrame(connection: Connection, error: unknown): void {
    const { ids = [] } = error as Partial<ProtocolError>;
    if (ids.length === 0) this.refuse(connection, undefined, error);
    else for (const id of ids) this.refuse(connection, id, error);
  }

  /** The outcome of a request is an error that its handler has ended in. */
  outcome(connection: Connection, id: MessageId, error: unknown, context?: AnswerContext): void {
    this.#settings.outcomes.error(connection, id, this.count(error), context);
  }

  /** What a peer is told about an error. */
  bodyOf(error: unknown): ErrorBody {
    return toErrorBody(error, this.#settings.mapError);
  }

  /** Counts an error, and says what a peer is told about it. */
  count(error: unknown): ErrorBody {
    const { counts } = this.#settings;
    const body = this.bodyOf(error);
    counts.set(body.code, (counts.get(body.code) ?? 0) + 1);
    return body;
  }
}
