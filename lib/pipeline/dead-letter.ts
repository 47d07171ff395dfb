import type { Connection } from '../connection/connection.js';

/**
 * Why a message became a dead letter.
 *
 * - `given-up`: the strategy has said so.
 * - `refused`: the receiver has answered with an error that says not to try again, or a stage has taken the message away.
 * - `disconnected`: the connection ended, and with it its session.
 * - `expired`: its deadline is over.
 * - `cancelled`: its requester does not want it any more.
 */
export type DeadLetterReason = 'given-up' | 'refused' | 'disconnected' | 'expired' | 'cancelled';

/** A message that was tried as long as it made sense, in vain. */
export interface DeadLetter {
  /** `outbound`: a reliable emit that was not acknowledged. `inbound`: a message that its `@Reliable()` handler could not handle. */
  readonly direction: 'inbound' | 'outbound';
  /** Whom it was for, or who has sent it; it may be closed. */
  readonly connection: Connection;
  readonly event: string;
  readonly data: unknown;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  /** How often it was sent, or handled. */
  readonly attempts: number;
  readonly reason: DeadLetterReason;
  /** What the last attempt failed with. */
  readonly error: unknown;
}
