import { randomBytes, randomUUID } from 'node:crypto';
import { type Connection, hmacKey, type SignatureKey, type SigningKeys } from 'gatewire';
import type { User } from './user-directory.js';

/** From a login on: what its orders are signed with. */
export interface Session {
  readonly id: string;
  readonly user: User;
  readonly secret: Buffer;
  /** Made of the secret. Its id is the user's: that is what a signature says about who has made it. */
  readonly key: SignatureKey;
}

const sessionsKept = 1_000;

/** Sessions in memory; the oldest makes room. A real application keeps them where all its processes see them. */
export class SessionStore implements SigningKeys {
  readonly #sessions = new Map<string, Session>();

  begin(user: User): Session {
    const secret = randomBytes(32);
    const session = { id: randomUUID(), user, secret, key: hmacKey(user.id, secret) };
    this.#sessions.set(session.id, session);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= sessionsKept) break;
      this.#sessions.delete(oldest);
    }
    return session;
  }

  get(id: unknown): Session | undefined {
    return typeof id === 'string' ? this.#sessions.get(id) : undefined;
  }

  /** Whoever is logged in twice has two secrets: the connection's token says which. */
  find(kid: string | undefined, connection: Connection): SignatureKey | undefined {
    const session = this.get(connection.principal?.['sid']);
    return session?.key.kid === kid ? session?.key : undefined;
  }

  /** Nothing is signed on its way out. */
  current(): undefined {
    return undefined;
  }
}
