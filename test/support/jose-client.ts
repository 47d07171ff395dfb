import {
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { compactDecrypt, CompactEncrypt, type CryptoKey, importJWK, type JWK } from 'jose';
import type { X25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import type { TestClient } from './test-client.js';

const bytesOf = (x: string | undefined): Buffer => Buffer.from(x as string, 'base64url');

/** How a client with `jose` speaks to an encrypting endpoint. */
export class JoseClient {
  readonly client: TestClient;
  readonly #toServer: Uint8Array;
  readonly #toClient: Uint8Array;
  readonly #pair = generateKeyPairSync('x25519');
  readonly #server: X25519Key['publicJwk'];

  constructor(client: TestClient, server: X25519Key['publicJwk']) {
    this.client = client;
    this.#server = server;
    const publicKey = createPublicKey({ key: server, format: 'jwk' });
    const secret = diffieHellman({ privateKey: this.#pair.privateKey, publicKey });
    const own = bytesOf(this.#pair.publicKey.export({ format: 'jwk' }).x);
    const salt = createHash('sha256').update(own).update(bytesOf(server.x)).digest();
    const derive = (info: string): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', secret, salt, `gatewire/v1/${info}`, 32));
    this.#toServer = derive('client-to-server');
    this.#toClient = derive('server-to-client');
  }

  /** What opens a session: ECDH-ES to the server's key. */
  async hello(payload: unknown, header: object = {}): Promise<string> {
    return (
      new CompactEncrypt(bytes(payload))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: this.#server.kid, ...header })
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- who derives more from it must know it
        .setKeyManagementParameters({ epk: await ephemeral(this.#pair.privateKey) })
        .encrypt(createPublicKey({ key: this.#server, format: 'jwk' }))
    );
  }

  /** What follows. */
  async seal(payload: unknown, header: object = {}, key = this.#toServer): Promise<string> {
    return new CompactEncrypt(bytes(payload))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'session', ...header })
      .encrypt(key);
  }

  async send(payload: unknown, header?: object): Promise<void> {
    this.client.send(await this.seal(payload, header));
  }

  /** The next frame, decrypted. */
  async next(): Promise<{ header: Record<string, unknown>; plaintext: Buffer }> {
    return open((await this.client.next()) as string, this.#toClient);
  }

  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()).plaintext.toString()) as Record<string, unknown>;
  }

  /** A frame with the key of a room. */
  async nextInRoom(jwk: JWK): Promise<Record<string, unknown>> {
    const { plaintext } = await open((await this.client.next()) as string, bytesOf(jwk.k));
    return JSON.parse(plaintext.toString()) as Record<string, unknown>;
  }
}

/** `jose` wants to make this key itself; who derives session keys from it must have it. */
async function ephemeral(key: KeyObject): Promise<CryptoKey> {
  const jwk = { ...key.export({ format: 'jwk' }), alg: 'ECDH-ES' } as JWK;
  return (await importJWK(jwk, undefined, { extractable: true })) as CryptoKey;
}

async function open(
  frame: string,
  key: Uint8Array,
): Promise<{ header: Record<string, unknown>; plaintext: Buffer }> {
  const { plaintext, protectedHeader } = await compactDecrypt(frame, key);
  return { header: { ...protectedHeader }, plaintext: Buffer.from(plaintext) };
}

function bytes(payload: unknown): Uint8Array {
  return payload instanceof Uint8Array
    ? payload
    : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}
