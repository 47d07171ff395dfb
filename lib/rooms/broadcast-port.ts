import type { Connection } from '../connection/connection.js';
import type { EmitOptions, RequestOptions } from '../connection/emit-options.js';
import type { Audience } from './audience.js';

/** What became of a request to one of several receivers. */
export type RequestOutcome<Reply = unknown> =
  | { readonly connection: Connection; readonly status: 'fulfilled'; readonly value: Reply }
  | { readonly connection: Connection; readonly status: 'rejected'; readonly reason: Error };

/** What an envelope says about the room it was published to. */
export interface RoomPlace {
  readonly room: string;
  /** In the history of the room, where it has one. */
  readonly offset?: number;
  /** Of the first message of a history. */
  readonly epoch?: string;
}

/** Carries out what a broadcast target is asked for. */
export interface BroadcastPort {
  /** @param place named in the envelope, for those who subscribed */
  emit(
    audience: Audience,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    place?: RoomPlace,
  ): void;
  /** What was published to a room, for one of its members. */
  emitToMember(
    connection: Connection,
    event: string,
    data: unknown,
    options: EmitOptions | undefined,
    place: RoomPlace,
  ): void;
  request(
    audience: Audience,
    event: string,
    data: unknown,
    options: RequestOptions | undefined,
  ): Promise<RequestOutcome[]>;
  connections(audience: Audience): Connection[];
}
