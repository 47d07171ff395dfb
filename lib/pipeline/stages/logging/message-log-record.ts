import type { DisconnectReason } from '../../../connection/disconnect-reason.js';
import type { MessageId } from '../../../protocol/envelope.js';

/** A message, in or out. What is absent is not known or does not apply. */
export interface MessageRecord {
  readonly type: 'inbound' | 'outbound';
  /** Path of the request that the connection began with. */
  readonly endpoint?: string;
  readonly connectionId?: string;
  readonly userId?: string;
  /** As the peer named it; of a reply without a name, the request's. */
  readonly event?: string;
  /** Where a stage has sent it instead. */
  readonly routedTo?: string;
  readonly messageId?: MessageId;
  /** Whom it goes to. Outbound only. */
  readonly target?: 'connection' | 'rooms' | 'users' | 'all';
  /** Bytes of its frame; of a batch, its share. Outbound only with `outboundBytes`. */
  readonly bytes?: number;
  /** From this stage to the end of the handler, in milliseconds. Inbound only. */
  readonly durationMs?: number;
  /**
   * `value`: handled. `stream`: several values, which may still run. `none`: a stage has taken it away without a word.
   * Outbound `sent`: given to the stages behind, and from there to the send queues.
   */
  readonly outcome: 'value' | 'stream' | 'error' | 'dropped' | 'none' | 'sent';
  /** What a peer is told about the error. */
  readonly code?: string;
  /** Why it was dropped. */
  readonly reason?: string;
  /** The payload: only where the option asks for it; bounded and redacted. */
  readonly data?: unknown;
}

/** A handshake that passed, or was refused by the stages and guards behind this one. */
export interface ConnectRecord {
  readonly type: 'connect';
  readonly endpoint: string;
  readonly connectionId: string;
  readonly address: string;
  readonly origin?: string;
  readonly durationMs: number;
  readonly outcome: 'accepted' | 'refused';
  /** Why it was refused. */
  readonly code?: string;
}

/** A connection that has ended. */
export interface DisconnectRecord extends Pick<DisconnectReason, 'by' | 'wasClean'> {
  readonly type: 'disconnect';
  readonly endpoint: string;
  readonly connectionId: string;
  readonly userId?: string;
  readonly address: string;
  /** Close code (RFC 6455 section 7.4). */
  readonly closeCode: number;
  /** Since its handshake, in milliseconds. */
  readonly durationMs?: number;
}

/** One line of the log. */
export type LogRecord = MessageRecord | ConnectRecord | DisconnectRecord;
