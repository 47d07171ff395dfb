import type { MessageId } from '../../protocol/envelope.js';
import type { ClientDirection } from './subject.js';

/** One line of a client's log. What is absent is not known or does not apply. */
export interface ClientLogRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: ClientDirection;
  /** Of an outcome, the event that was sent; `$…`: the protocol's own. */
  readonly event?: string;
  readonly messageId?: MessageId;
  readonly room?: string;
  /** Inbound: of the frame it came in, characters where that is text. Outbound, with `bytes`: of its JSON. */
  readonly bytes?: number;
  /** From the message to its outcome, in milliseconds. */
  readonly durationMs?: number;
  /**
   * `sent`: given to the stages behind. `received`: an event. `value`, `item`, `error`: the outcome of a message that was
   * sent, or an answer to the server. `failed`: a stage behind has thrown.
   */
  readonly outcome: 'sent' | 'received' | 'value' | 'item' | 'error' | 'failed';
  /** Code of the error. */
  readonly code?: string;
  /** The payload: only where the option asks for it; bounded and redacted. */
  readonly data?: unknown;
}
