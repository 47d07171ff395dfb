import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Somebody who may log in. */
export interface User {
  readonly id: string;
  readonly scope: string;
}

interface Account extends User {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const hashBytes = 32;
const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** Two people, in place of a database. */
export class UserDirectory {
  readonly #accounts = new Map(
    [
      account('ada', 'correct horse battery', 'orders:read orders:write'),
      account('guest', 'only looking around', 'orders:read'),
    ].map((one) => [one.id, one]),
  );
  /** Who is not known costs as much time as who is. */
  readonly #nobody = account('', randomBytes(16).toString('hex'), '');

  async verify(id: string, password: string): Promise<User | undefined> {
    const known = this.#accounts.get(id);
    const { salt, hash } = known ?? this.#nobody;
    const isRight = timingSafeEqual(await derive(password, salt, hashBytes), hash);
    return isRight ? known : undefined;
  }
}

function account(id: string, password: string, scope: string): Account {
  const salt = randomBytes(16);
  return { id, scope, salt, hash: scryptSync(password, salt, hashBytes) };
}
