import { webcrypto } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, importJWK, type JWK } from 'jose';
import type { X25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import type { TestClient } from './test-client.js';

const { subtle } = webcrypto;

/** Keys of one generation, as a client has them. */
export interface ClientKeys {
  readonly kid: string;
  readonly toServer: Uint8Array;
  readonly toClient: Uint8Array;
}

/** What a client keeps between its `$keys` and the answer. */
export interface Request {
  readonly frame: string;
  readonly pair: webcrypto.CryptoKeyPair;
  readonly x: string;
  readonly secret: Uint8Array;
}

/** The client's half of PROTOCOL.md, "Encryption": with WebCrypto, which browsers have, and `jose`. */
export class JoseClient {
  readonly client: TestClient;
  readonly server: X25519Key['publicJwk'];
  readonly generations = new Map<string, ClientKeys>();
  #current: ClientKeys | undefined;
  #seq = 0;

  constructor(client: TestClient, server: X25519Key['publicJwk']) {
    this.client = client;
    this.server = server;
  }

  get keys(): ClientKeys {
    return this.#current as ClientKeys;
  }

  /** Opens a session, or renews the one that is there. */
  async agree(): Promise<this> {
    const request = await this.request();
    this.client.send(request.frame);
    return this.use(await this.derive(request, await this.client.nextJson()));
  }

  /** A `$keys`, in the frame it needs. */
  async request(header: object = {}): Promise<Request> {
    const pair = (await subtle.generateKey({ name: 'X25519' }, false, [
      'deriveBits',
    ])) as webcrypto.CryptoKeyPair;
    const { kty, crv, x } = (await subtle.exportKey('jwk', pair.publicKey)) as Required<JWK>;
    const secret = webcrypto.getRandomValues(new Uint8Array(32));
    const data = { jwk: { kty, crv, x }, secret: Buffer.from(secret).toString('base64url') };
    const message = { event: '$keys', data };
    const frame =
      this.#current === undefined
        ? await this.forServer(message, header)
        : await this.seal(message, { cty: 'keys', ...header });
    return { frame, pair, x, secret };
  }

  /** Something encrypted for the server's long-lived key. */
  async forServer(payload: unknown, header: object = {}): Promise<string> {
    return new CompactEncrypt(bytes(payload))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: this.server.kid, cty: 'keys', ...header })
      .encrypt(await importJWK(this.server as JWK, 'ECDH-ES'));
  }

  /** The keys that the server's answer gives. */
  async derive({ pair, x, secret }: Request, answer: Record<string, unknown>): Promise<ClientKeys> {
    if (answer['event'] !== '$keys') throw new Error(`no keys: ${JSON.stringify(answer)}`);
    const { kid, jwk } = answer['data'] as { kid: string; jwk: JWK & { x: string } };
    const theirs = await subtle.importKey('jwk', jwk as webcrypto.JsonWebKey, { name: 'X25519' }, false, []);
    const shared = await subtle.deriveBits({ name: 'X25519', public: theirs }, pair.privateKey, 256);
    const base = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
    const derive = async (direction: string): Promise<Uint8Array> => {
      const label = Buffer.from(`gatewire/v1/${direction}`);
      const info = Buffer.concat([label, Buffer.from(x, 'base64url'), Buffer.from(jwk.x, 'base64url')]);
      const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: secret, info };
      return new Uint8Array(await subtle.deriveBits(hkdf, base, 256));
    };
    return { kid, toServer: await derive('client-to-server'), toClient: await derive('server-to-client') };
  }

  /** Encrypts with these from now on; what comes with those before is still read. */
  use(keys: ClientKeys): this {
    this.generations.set(keys.kid, keys);
    this.#current = keys;
    this.#seq = 0;
    return this;
  }

  async seal(payload: unknown, header: object = {}, { kid, toServer } = this.keys): Promise<string> {
    return new CompactEncrypt(bytes(payload))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, seq: this.#seq++, ...header })
      .encrypt(toServer);
  }

  async send(payload: unknown, header?: object): Promise<void> {
    this.client.send(await this.seal(payload, header));
  }

  /** The next frame, decrypted. */
  async next(): Promise<{ header: Record<string, unknown>; plaintext: Buffer }> {
    return this.open((await this.client.next()) as string);
  }

  async open(frame: string): Promise<{ header: Record<string, unknown>; plaintext: Buffer }> {
    const { plaintext, protectedHeader } = await compactDecrypt(frame, ({ kid }) => {
      const keys = this.generations.get(kid ?? '');
      if (keys === undefined) throw new Error(`no key ${String(kid)}`);
      return keys.toClient;
    });
    return { header: { ...protectedHeader }, plaintext: Buffer.from(plaintext) };
  }

  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()).plaintext.toString()) as Record<string, unknown>;
  }

  /** A frame with the key of a room. */
  async nextInRoom(jwk: JWK): Promise<Record<string, unknown>> {
    const key = Buffer.from(jwk.k as string, 'base64url');
    const { plaintext } = await compactDecrypt((await this.client.next()) as string, key);
    return JSON.parse(Buffer.from(plaintext).toString()) as Record<string, unknown>;
  }
}

function bytes(payload: unknown): Uint8Array {
  return payload instanceof Uint8Array
    ? payload
    : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}
