import type { Connection } from '../connection/connection.js';
import type { Memberships } from '../connection/connection-ports.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { isPattern, matchesPattern } from '../routing/event-pattern.js';
import { validateRoomName } from '../routing/room-name.js';

const nobody: ReadonlySet<Connection> = new Set();
const noRooms: ReadonlySet<string> = new Set();

/** Who is in which room of one endpoint. A membership whose name is a pattern (`stock.*`) is in every room that matches. */
export class RoomRegistry implements Memberships<Connection> {
  readonly #roomsPerConnection: number;
  readonly #members = new Map<string, Set<Connection>>();
  /** The same sets, for the names that are patterns. */
  readonly #patterns = new Map<string, Set<Connection>>();
  /** Only connections that are in a room are here: an idle one costs nothing. */
  readonly #rooms = new Map<Connection, Set<string>>();

  constructor(roomsPerConnection: number) {
    this.#roomsPerConnection = roomsPerConnection;
  }

  /** Rooms (and patterns) with at least one member. */
  get size(): number {
    return this.#members.size + this.#patterns.size;
  }

  /** All memberships. */
  get memberships(): number {
    let memberships = 0;
    for (const rooms of this.#rooms.values()) memberships += rooms.size;
    return memberships;
  }

  join(connection: Connection, room: string): void {
    let rooms = this.#rooms.get(connection);
    if (rooms?.has(room) || connection.state === 'closed') return;
    validateRoomName(room);
    if (rooms !== undefined && rooms.size >= this.#roomsPerConnection) {
      throw new GatewireError(ErrorCode.TooManyRooms, `the connection is in ${rooms.size} rooms already`, {
        remediation: 'Leave a room first, or raise limits.roomsPerConnection.',
      });
    }
    if (rooms === undefined) this.#rooms.set(connection, (rooms = new Set()));
    rooms.add(room);
    const table = isPattern(room) ? this.#patterns : this.#members;
    const members = table.get(room);
    if (members === undefined) table.set(room, new Set([connection]));
    else members.add(connection);
    connection.roomsChanged();
  }

  leave(connection: Connection, room: string): void {
    const rooms = this.#rooms.get(connection);
    if (!rooms?.delete(room)) return;
    if (rooms.size === 0) this.#rooms.delete(connection);
    this.#removeMember(connection, room);
    connection.roomsChanged();
  }

  roomsOf(connection: Connection): ReadonlySet<string> {
    return this.#rooms.get(connection) ?? noRooms;
  }

  /** Takes a closed connection out of all rooms. What it was in can still be read until {@link forget}. */
  depart(connection: Connection): void {
    for (const room of this.roomsOf(connection)) this.#removeMember(connection, room);
  }

  /** Lets the memory of a departed connection go. */
  forget(connection: Connection): void {
    this.#rooms.delete(connection);
  }

  /** Whether somebody subscribed to patterns: then one set of members is not the whole room. */
  get hasPatterns(): boolean {
    return this.#patterns.size > 0;
  }

  /** Those who joined the room by its name. */
  members(room: string): ReadonlySet<Connection> {
    return (isPattern(room) ? this.#patterns : this.#members).get(room) ?? nobody;
  }

  /** Adds those whose pattern matches the room. */
  addPatternMembers(room: string, to: Set<Connection>): void {
    for (const [pattern, members] of this.#patterns) {
      if (matchesPattern(pattern, room)) for (const member of members) to.add(member);
    }
  }

  #removeMember(connection: Connection, room: string): void {
    const table = isPattern(room) ? this.#patterns : this.#members;
    const members = table.get(room);
    if (members?.delete(connection) && members.size === 0) table.delete(room);
  }
}
