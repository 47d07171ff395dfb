import { randomBytes } from 'node:crypto';
import { type JwtOptions } from 'gatewire';
import { jwtVerify, SignJWT } from 'jose';
import type { Session } from './session-store.js';

const lifetimeMs = 5 * 60_000;
const issuer = 'secure-trading';
const audience = 'orders';
/** Made anew at every start, which logs everybody out. A real application has it from its secrets. */
const secret = randomBytes(32);

/** A token, and when it ends: milliseconds since the epoch. */
export interface Token {
  readonly token: string;
  readonly expiresAt: number;
}

/** How the gateway verifies what is issued here. Who has no token is refused at once, with HTTP 401. */
export const tokenOptions: JwtOptions = {
  algorithms: ['HS256'],
  secret,
  issuer,
  audience,
  firstMessage: false,
};

export async function issueToken({ id, user }: Session): Promise<Token> {
  const expiresAt = Math.floor((Date.now() + lifetimeMs) / 1000) * 1000;
  const token = await new SignJWT({ sid: id, scope: user.scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user.id)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expiresAt / 1000)
    .sign(secret);
  return { token, expiresAt };
}

/** @returns the id of the token's session; undefined when the token is not good */
export async function sessionOf(token: string): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], issuer, audience });
    return payload['sid'];
  } catch {
    return undefined;
  }
}
