/** The place of a message in the server's history of its room (PROTOCOL.md, "History"). */
export interface RoomPosition {
  readonly epoch: string;
  readonly offset: number;
}
