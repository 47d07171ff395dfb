import type { Connection } from '../connection/connection.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { Audience } from './audience.js';

/** What became of a request to one of several receivers. */
export type RequestOutcome<Reply = unknown> =
  | { readonly connection: Connection; readonly status: 'fulfilled'; readonly value: Reply }
  | { readonly connection: Connection; readonly status: 'rejected'; readonly reason: Error };

/** Carries out what a broadcast target is asked for. */
export interface BroadcastPort {
  /** @param room named in the envelope, for those who subscribed */
  emit(
    audience: Audience,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    room?: string,
  ): void;
  request(
    audience: Audience,
    event: string,
    data: unknown,
    options: RequestOptions | undefined,
  ): Promise<RequestOutcome[]>;
  connections(audience: Audience): Connection[];
}
