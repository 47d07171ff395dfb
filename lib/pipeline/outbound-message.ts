import type { Connection } from '../connection/connection.js';
import type { ErrorBody, MessageId } from '../protocol/envelope.js';
import type { InboundMessage } from './inbound-message.js';

/** Where a message goes. */
export type OutboundTarget =
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'rooms'; readonly rooms: readonly string[] }
  | { readonly kind: 'users'; readonly users: readonly string[] }
  | { readonly kind: 'all' };

/** A message on its way out, before it is encoded. Stages may replace `event`, `data` and `meta`. */
export interface OutboundMessage {
  /** Absent for a reply that is a plain value. */
  event: string | undefined;
  data: unknown;
  meta: Record<string, unknown> | undefined;
  readonly target: OutboundTarget;
  /** Of the request it answers, or asks. */
  readonly id?: MessageId | undefined;
  /** What it answers; absent for an emit. */
  readonly inReplyTo?: InboundMessage | undefined;
  /** An outcome that is an error: `data` is absent. */
  readonly error?: ErrorBody | undefined;
}
