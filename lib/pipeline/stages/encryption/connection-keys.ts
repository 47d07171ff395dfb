import type { Connection } from '../../../connection/connection.js';
import type { SessionKeys } from './session-keys.js';

/** The generations of keys of one connection. */
export class ConnectionKeys {
  /** Agreements that have been tried. */
  agreements = 0;
  /** The client has been told of them; whether it has got that shows in its first frame with them. */
  #offered: SessionKeys | null = null;
  #current: SessionKeys | null = null;
  /** For what was on its way when the client changed to the current ones. */
  #previous: SessionKeys | null = null;

  /** What is sent is encrypted with; null until the client has shown that it has them. */
  get current(): SessionKeys | null {
    return this.#current;
  }

  offer(keys: SessionKeys): void {
    this.#offered = keys;
  }

  /** The generation that a frame of the client has been encrypted with. */
  find(kid: string | undefined): SessionKeys | undefined {
    for (const keys of [this.#current, this.#offered, this.#previous])
      if (keys !== null && keys.offer.kid === kid) return keys;
    return undefined;
  }

  /** The client has used these. True: for the first time, so they are the current ones from now on. */
  confirm(keys: SessionKeys): boolean {
    if (keys !== this.#offered) return false;
    this.#offered = null;
    this.#previous = this.#current;
    this.#current = keys;
    return true;
  }
}

const secured = new WeakMap<Connection, ConnectionKeys>();

/** The keys of a connection, if it has tried to agree on some. */
export function findKeys(connection: Connection): ConnectionKeys | undefined {
  return secured.get(connection);
}

/** The keys of a connection that is about to agree on some. */
export function keysOf(connection: Connection): ConnectionKeys {
  let keys = secured.get(connection);
  if (keys === undefined) secured.set(connection, (keys = new ConnectionKeys()));
  return keys;
}

/** Whether a connection can read what is encrypted for it. */
export function isSecured(connection: Connection): boolean {
  return secured.get(connection)?.current != null;
}

/** What was agreed on by one connection holds for another from now on, and nothing that the other had. */
export function moveKeys(from: Connection, to: Connection): void {
  const keys = secured.get(from);
  if (keys === undefined) secured.delete(to);
  else secured.set(to, keys);
}

/** Its keys are gone with it. */
export function forgetKeys(connection: Connection): void {
  secured.delete(connection);
}

/** The event that brings a connection the key of a room: never sent in plain. */
export const roomKeyEvent = 'room.key';
