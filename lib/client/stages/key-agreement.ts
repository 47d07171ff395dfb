import { decodeBase64Url, encodeBase64Url } from '../../primitives/base64url.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import { readEphemeralKey } from '../../protocol/jwe-compact.js';
import { contentEncryption, contentKey, seal } from './sealed-frame.js';
import { type WebKey, webCrypto } from './web-crypto.js';

/** Brings the client's ephemeral key, and the server's back. */
export const keysEvent = '$keys';
/** The `cty` of it. */
export const keysType = 'keys';

/** The long-lived public key of a server: `x25519Key(…).publicJwk` there, from a source that the client trusts. */
export interface ServerPublicKey {
  readonly kid: string;
  /** 32 bytes in base64url. */
  readonly x: string;
}

/** What both have agreed on. */
export interface AgreedKeys {
  readonly kid: string;
  readonly toServer: WebKey;
  readonly toClient: WebKey;
}

const x25519 = { name: 'X25519' };
const keyBits = 256;
const utf8 = new TextEncoder();

/** One agreement, from the client's side (PROTOCOL.md, "Encryption"): made for one connection, or one renewal. */
export class KeyAgreement {
  readonly #privateKey: WebKey;
  readonly #x: string;
  readonly #secret: Uint8Array;

  private constructor(privateKey: WebKey, x: string, secret: Uint8Array) {
    this.#privateKey = privateKey;
    this.#x = x;
    this.#secret = secret;
  }

  static async begin(): Promise<KeyAgreement> {
    const { privateKey, x } = await ephemeralPair();
    return new KeyAgreement(privateKey, x, crypto.getRandomValues(new Uint8Array(32)));
  }

  /** What the server is asked with. */
  get request(): Uint8Array {
    const data = { jwk: { kty: 'OKP', crv: 'X25519', x: this.#x }, secret: encodeBase64Url(this.#secret) };
    return utf8.encode(JSON.stringify({ event: keysEvent, data }));
  }

  /** The request as a frame, for the server's long-lived key: ECDH-ES with direct key agreement (RFC 7518 section 4.6). */
  async requestFor({ kid, x }: ServerPublicKey): Promise<string> {
    const { privateKey, x: ephemeral } = await ephemeralPair();
    const shared = await sharedSecret(privateKey, x);
    const key = await contentKey(await concatKdf(shared), 'encrypt');
    const epk = { kty: 'OKP', crv: 'X25519', x: ephemeral };
    return seal(key, { alg: 'ECDH-ES', enc: contentEncryption, kid, cty: keysType, epk }, this.request);
  }

  /** @throws {GatewireError} `DECRYPTION_FAILED` for an answer that is none */
  async finish(answer: unknown): Promise<AgreedKeys> {
    const { kid, jwk } = (answer ?? {}) as { readonly kid?: unknown; readonly jwk?: unknown };
    const server = readEphemeralKey(jwk);
    if (typeof kid !== 'string' || !server)
      throw new GatewireError(ErrorCode.DecryptionFailed, 'the server has not answered with a key');
    const shared = await sharedSecret(this.#privateKey, server.x);
    const secret = await webCrypto().importKey('raw', shared, 'HKDF', false, ['deriveBits']);
    const derive = async (direction: string): Promise<Uint8Array> => {
      const info = joined(
        utf8.encode(`gatewire/v1/${direction}`),
        decodeBase64Url(this.#x),
        decodeBase64Url(server.x),
      );
      const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: this.#secret, info };
      return new Uint8Array(await webCrypto().deriveBits(algorithm, secret, keyBits));
    };
    return {
      kid,
      toServer: await contentKey(await derive('client-to-server'), 'encrypt'),
      toClient: await contentKey(await derive('server-to-client'), 'decrypt'),
    };
  }
}

async function ephemeralPair(): Promise<{ readonly privateKey: WebKey; readonly x: string }> {
  const { privateKey, publicKey } = await webCrypto().generateKey(x25519, false, ['deriveBits']);
  return { privateKey, x: encodeBase64Url(new Uint8Array(await webCrypto().exportKey('raw', publicKey))) };
}

/** RFC 7748 section 6.1. @throws {GatewireError} for a public key that gives no secret */
async function sharedSecret(privateKey: WebKey, x: string): Promise<Uint8Array> {
  try {
    const publicKey = await webCrypto().importKey('raw', decodeBase64Url(x), x25519, true, []);
    const bits = await webCrypto().deriveBits({ name: 'X25519', public: publicKey }, privateKey, keyBits);
    const shared = new Uint8Array(bits);
    if (shared.some((byte) => byte !== 0)) return shared;
  } catch {
    // Engines refuse a point of small order themselves; it is refused as a secret of zeros is.
  }
  throw new GatewireError(ErrorCode.DecryptionFailed, 'the public key of the server is none');
}

/** The Concat KDF of NIST SP 800-56A, one round, as RFC 7518 section 4.6.2 uses it; without PartyUInfo and PartyVInfo. */
async function concatKdf(shared: Uint8Array): Promise<Uint8Array> {
  const algorithm = utf8.encode(contentEncryption);
  const parts = [
    uint32(1),
    shared,
    uint32(algorithm.length),
    algorithm,
    uint32(0),
    uint32(0),
    uint32(keyBits),
  ];
  return new Uint8Array(await webCrypto().digest('SHA-256', joined(...parts)));
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
