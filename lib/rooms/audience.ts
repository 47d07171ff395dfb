import type { Connection } from '../connection/connection.js';
import type { RoomRegistry } from './room-registry.js';
import type { UserIndex } from './user-index.js';

/** Who a broadcast is for. Without rooms and users: everybody. */
export interface Audience {
  readonly rooms: readonly string[];
  readonly users: readonly string[];
  readonly exceptRooms: readonly string[];
  readonly exceptConnections: readonly object[];
}

export const everybody: Audience = { rooms: [], users: [], exceptRooms: [], exceptConnections: [] };

/** The connections of one endpoint, with their rooms and users. */
export interface Population {
  /** Connections whose 101 is out. */
  readonly connections: ReadonlySet<Connection>;
  readonly rooms: RoomRegistry;
  readonly users: UserIndex;
}

/** Calls `visit` once for each connection of the audience. */
export function forEachIn(
  population: Population,
  audience: Audience,
  visit: (connection: Connection) => void,
): void {
  const selected = select(population, audience);
  if (audience.exceptRooms.length === 0 && audience.exceptConnections.length === 0) {
    for (const connection of selected) visit(connection);
    return;
  }
  const inRooms = new Set<Connection>();
  for (const room of audience.exceptRooms) addRoom(population.rooms, room, inRooms);
  for (const connection of selected) {
    if (!inRooms.has(connection) && !audience.exceptConnections.includes(connection)) visit(connection);
  }
}

function select({ connections, rooms, users }: Population, audience: Audience): ReadonlySet<Connection> {
  const { rooms: names, users: userIds } = audience;
  if (names.length + userIds.length === 0) return connections;
  // The common case, without a copy: one room that nobody has subscribed to by pattern, or one user.
  if (names.length === 1 && userIds.length === 0 && !rooms.hasPatterns)
    return rooms.members(names[0] as string);
  if (userIds.length === 1 && names.length === 0) return users.connectionsOf(userIds[0] as string);
  const union = new Set<Connection>();
  for (const name of names) addRoom(rooms, name, union);
  for (const userId of userIds) for (const connection of users.connectionsOf(userId)) union.add(connection);
  return union;
}

function addRoom(rooms: RoomRegistry, name: string, to: Set<Connection>): void {
  for (const member of rooms.members(name)) to.add(member);
  if (rooms.hasPatterns) rooms.addPatternMembers(name, to);
}
