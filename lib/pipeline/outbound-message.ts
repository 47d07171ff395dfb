import type { Connection } from '../connection/connection.js';

/** Where an emit goes. */
export type OutboundTarget =
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'rooms'; readonly rooms: readonly string[] }
  | { readonly kind: 'users'; readonly users: readonly string[] }
  | { readonly kind: 'all' };

/** A message on its way out, before it is encoded. Stages may replace `event`, `data` and `meta`. */
export interface OutboundMessage {
  event: string;
  data: unknown;
  meta: Record<string, unknown> | undefined;
  readonly target: OutboundTarget;
}
