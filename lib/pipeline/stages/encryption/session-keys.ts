import { generateKeyPairSync, hkdfSync } from 'node:crypto';
import { ContentKey } from './content-key.js';
import type { SessionRequest } from './session-request.js';
import { sharedSecret } from './shared-secret.js';

const keyBytes = 32;

type Direction = 'client-to-server' | 'server-to-client';

/** What a client is told of a session: with it, and with what only it knows, it derives the same keys. */
export interface SessionOffer {
  readonly kid: string;
  /** The server's ephemeral public key. */
  readonly jwk: { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string };
}

/** The keys that one connection and the server have agreed on: one generation of them, one for each direction. */
export class SessionKeys {
  readonly offer: SessionOffer;
  readonly toServer: ContentKey;
  readonly toClient: ContentKey;
  #lastSeq = -1;

  private constructor(offer: SessionOffer, toServer: ContentKey, toClient: ContentKey) {
    this.offer = offer;
    this.toServer = toServer;
    this.toClient = toClient;
  }

  /**
   * Agrees on keys with a key that is made for it and kept nowhere: once this returns nobody can derive them again, whatever
   * gets known of the server's long-lived key. Undefined: the client's key gives no secret.
   */
  static agree(request: SessionRequest, kid: string, messages: number): SessionKeys | undefined {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const shared = sharedSecret(privateKey, request.x);
    if (shared === undefined) return undefined;
    const own = publicKey.export({ format: 'jwk' }).x as string;
    const derive = (direction: Direction): ContentKey =>
      new ContentKey(kid, deriveKey(direction, shared, request, own), messages);
    const offer = { kid, jwk: { kty: 'OKP', crv: 'X25519', x: own } } as const;
    const keys = new SessionKeys(offer, derive('client-to-server'), derive('server-to-client'));
    shared.fill(0);
    return keys;
  }

  /** Notes the number of a frame that has been decrypted. False: it is not higher than all before, so it may be a repeat. */
  advance(seq: number | undefined): boolean {
    if (seq === undefined || seq <= this.#lastSeq) return false;
    this.#lastSeq = seq;
    return true;
  }
}

/**
 * The key of one direction: HKDF with SHA-256 (RFC 5869). Who only pretends to be the server lacks the salt, which is
 * encrypted for its long-lived key; `info` binds the key to its direction and to both public keys.
 */
export function deriveKey(
  direction: Direction,
  shared: Uint8Array,
  { x, secret }: SessionRequest,
  serverX: string,
): Buffer {
  const publicKeys = [Buffer.from(x, 'base64url'), Buffer.from(serverX, 'base64url')];
  const info = Buffer.concat([Buffer.from(`gatewire/v1/${direction}`), ...publicKeys]);
  return Buffer.from(hkdfSync('sha256', shared, secret, info, keyBytes));
}
