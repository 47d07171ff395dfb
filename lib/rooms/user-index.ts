import type { Connection } from '../connection/connection.js';
import type { Users } from '../connection/connection-ports.js';

const nobody: ReadonlySet<Connection> = new Set();

/** Connections by the id of their principal: every device of a user. */
export class UserIndex implements Users<Connection> {
  readonly #byId = new Map<string, Set<Connection>>();

  get size(): number {
    return this.#byId.size;
  }

  moved(connection: Connection, from: string | undefined, to: string | undefined): void {
    if (from !== undefined) {
      const devices = this.#byId.get(from);
      if (devices?.delete(connection) && devices.size === 0) this.#byId.delete(from);
    }
    if (to === undefined || connection.state === 'closed') return;
    const devices = this.#byId.get(to);
    if (devices === undefined) this.#byId.set(to, new Set([connection]));
    else devices.add(connection);
  }

  connectionsOf(userId: string): ReadonlySet<Connection> {
    return this.#byId.get(userId) ?? nobody;
  }
}
