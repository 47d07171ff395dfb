import { createHash, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import type { JweHeader } from '../../../protocol/jwe-compact.js';
import { concatKdf } from './concat-kdf.js';
import { contentEncryption, ContentKey } from './content-key.js';
import type { X25519Key } from './encryption-keys.js';

/** `kid` of what is encrypted with the keys of the session. */
export const sessionKid = 'session';

const keyBytes = 32;

/** The keys that one connection and the server have agreed on. */
export interface SessionKeys {
  /** Which agreement they come from: the same one gives the same keys. */
  readonly agreement: string;
  readonly toServer: ContentKey;
  readonly toClient: ContentKey;
}

/** What comes out of an agreement. */
export interface Agreement {
  /** For the message that it came with. */
  readonly contentKey: ContentKey;
  /** Keys for what follows. */
  readonly session: (messagesPerKey: number) => SessionKeys;
  readonly id: string;
}

/**
 * Agrees on keys with the sender of a header, by ECDH-ES with direct key agreement (RFC 7518 section 4.6).
 * Undefined: its public key gives no secret (RFC 7748 section 6.1).
 */
export function agree({ epk, apu, apv }: JweHeader, key: X25519Key): Agreement | undefined {
  if (epk === undefined) return undefined;
  const secret = sharedSecret(epk.x, key);
  if (secret === undefined) return undefined;
  const context = {
    algorithm: contentEncryption,
    keyBits: 8 * keyBytes,
    apu: Buffer.from(apu, 'base64url'),
    apv: Buffer.from(apv, 'base64url'),
  };
  const id = `${key.kid} ${epk.x}`;
  return {
    id,
    contentKey: new ContentKey(key.kid, concatKdf(secret, context), 1),
    session: (messagesPerKey) => {
      const serverKey = Buffer.from(key.publicJwk.x as string, 'base64url');
      const salt = createHash('sha256').update(epk.x, 'base64url').update(serverKey).digest();
      const derive = (direction: string): ContentKey => {
        const bytes = hkdfSync('sha256', secret, salt, `gatewire/v1/${direction}`, keyBytes);
        return new ContentKey(sessionKid, Buffer.from(bytes), messagesPerKey);
      };
      return { agreement: id, toServer: derive('client-to-server'), toClient: derive('server-to-client') };
    },
  };
}

function sharedSecret(x: string, { privateKey }: X25519Key): Buffer | undefined {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // A point of small order: refused as everything else is.
    return undefined;
  }
}
