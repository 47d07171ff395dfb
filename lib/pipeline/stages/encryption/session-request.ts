import {
  isBase64Url,
  type JweHeader,
  type JweParts,
  readEphemeralKey,
} from '../../../protocol/jwe-compact.js';
import { concatKdf } from './concat-kdf.js';
import { contentEncryption, ContentKey } from './content-key.js';
import type { X25519Key } from './encryption-keys.js';
import { sharedSecret } from './shared-secret.js';

/** Brings the client's ephemeral key, and the server's back. */
export const keysEvent = '$keys';

/** The `cty` of it: nothing has to be read to tell that it is none of the application's. */
export const keysType = 'keys';

/** Bytes of a `$keys`: a key, a secret and what is around them; more is somebody trying something. */
const longestRequestBytes = 1536;

/** Characters of 32 bytes. */
const secretCharacters = 43;

/** What a client opens a session with. */
export interface SessionRequest {
  /** The client's ephemeral public key, 32 bytes in base64url. */
  readonly x: string;
  /** Known to the client, and to who has the server's long-lived key. */
  readonly secret: Buffer;
}

/** Decrypts what is for the server's long-lived key: ECDH-ES with direct key agreement (RFC 7518 section 4.6). Undefined: it is not. */
export function openForServer(
  { kid, privateKey }: X25519Key,
  { epk, apu, apv }: JweHeader,
  parts: JweParts,
): Buffer | undefined {
  if (epk === undefined || parts.ciphertext.length > (longestRequestBytes * 4) / 3) return undefined;
  const shared = sharedSecret(privateKey, epk.x);
  if (shared === undefined) return undefined;
  const key = concatKdf(shared, {
    algorithm: contentEncryption,
    keyBits: 256,
    apu: Buffer.from(apu, 'base64url'),
    apv: Buffer.from(apv, 'base64url'),
  });
  return new ContentKey(kid, key, 1).open(parts);
}

/** Reads `{event: "$keys", data: {jwk, secret}}`, whatever the codec of the connection. Undefined: it is something else. */
export function readSessionRequest(plaintext: Buffer): SessionRequest | undefined {
  if (plaintext.length > longestRequestBytes) return undefined;
  const { event, data } = membersOf(parse(plaintext));
  if (event !== keysEvent) return undefined;
  const { jwk, secret } = membersOf(data);
  const key = readEphemeralKey(jwk);
  if (!key || typeof secret !== 'string' || secret.length !== secretCharacters || !isBase64Url(secret))
    return undefined;
  return { x: key.x, secret: Buffer.from(secret, 'base64url') };
}

function parse(plaintext: Buffer): unknown {
  try {
    return JSON.parse(plaintext.toString());
  } catch {
    // The caller refuses it, and the peer's words are not repeated.
    return undefined;
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
