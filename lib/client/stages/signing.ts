import type { Next } from '../../exchange/compose.js';
import { SignatureHeaders } from '../../exchange/signing/signature-header.js';
import {
  type SignatureRefusal,
  signatureRefusals,
  type SignatureRuleOptions,
  SignatureRules,
} from '../../exchange/signing/signature-rules.js';
import { decodeBase64Url, encodeBase64Url } from '../../primitives/base64url.js';
import { OptionError } from '../../primitives/option-error.js';
import { contentTypeOf, isText } from '../../protocol/content-type.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import { joseFirstByte, type JwsHeader, readJwsHeader, splitJws } from '../../protocol/jws-compact.js';
import type { ClientFrame, ClientMiddleware } from '../middleware.js';
import type { ClientSignatureKey, ClientSigningKeys } from './signing-keys.js';
import { webCrypto } from './web-crypto.js';

/** What a client signs, and what it demands of the server's signatures. */
export interface ClientSigningOptions extends SignatureRuleOptions {
  readonly keys: ClientSigningKeys;
  /** Whether what goes out is signed. @default true, if there is a current key */
  readonly outbound?: boolean;
  /**
   * `verify`: what comes signed is verified, what is not passes. `required`: what is not signed is refused, the server's
   * greeting too: it MUST sign all. @default 'verify'
   */
  readonly inbound?: 'verify' | 'required';
}

/**
 * Signs frames, and verifies those of the server that are signed: JWS in compact serialization (RFC 7515) as the server's
 * stage `Signing` has it. A frame that is refused is dropped, and listeners of the client's `error` hear of it.
 *
 * @example pipeline(signing({ keys: staticKeys([ed25519Key('me', jwk), ed25519Key('server', serverJwk)]) }))
 * @throws {OptionError}
 */
export function signing(options: ClientSigningOptions): ClientMiddleware {
  return new Signing(options);
}

const algorithms = { HS256: 'HMAC', EdDSA: 'Ed25519' } as const;
const utf8 = new TextEncoder();

class Signing implements ClientMiddleware {
  readonly name = 'signing';
  readonly #keys: ClientSigningKeys;
  readonly #isRequired: boolean;
  readonly #rules: SignatureRules;
  readonly #headers = new SignatureHeaders();
  readonly outboundFrame?: NonNullable<ClientMiddleware['outboundFrame']>;

  constructor(options: ClientSigningOptions) {
    const { keys, inbound = 'verify' } = options;
    const { outbound = keys.current() !== undefined } = options;
    if (!['verify', 'required'].includes(inbound))
      throw new OptionError('inbound', "'verify' or 'required'", inbound);
    this.#keys = keys;
    this.#isRequired = inbound === 'required';
    this.#rules = new SignatureRules(options);
    if (outbound) this.outboundFrame = (frame, next) => this.#sign(frame, next);
  }

  inboundFrame(frame: ClientFrame, next: Next): void | Promise<void> {
    const { data } = frame;
    if (typeof data === 'string' && data.charCodeAt(0) === joseFirstByte)
      return this.#verify(frame, data, next);
    if (this.#isRequired)
      throw new GatewireError(ErrorCode.ProtectionRequired, 'a frame of the server was not signed');
    return next();
  }

  async #sign(frame: ClientFrame, next: Next): Promise<void> {
    const key = this.#keys.current();
    const signer = key?.signer();
    if (key === undefined || signer === undefined)
      throw new GatewireError(ErrorCode.Internal, 'there is no key to sign with', {
        remediation: 'Let current() of the signing keys give one that signs, or set "outbound" to false.',
      });
    const { data, codec } = frame;
    const isBinary = typeof data !== 'string';
    const header = this.#headers.next(key, contentTypeOf({ data, isBinary, codec }), this.#rules.now());
    const payload = isBinary ? data : utf8.encode(data);
    const input = `${encodeBase64Url(utf8.encode(header))}.${encodeBase64Url(payload)}`;
    const signature = await webCrypto().sign(algorithms[key.alg], await signer, utf8.encode(input));
    frame.data = `${input}.${encodeBase64Url(new Uint8Array(signature))}`;
    return next();
  }

  async #verify(frame: ClientFrame, text: string, next: Next): Promise<void> {
    const parts = splitJws(text);
    const header = parts && readJwsHeader(textOf(parts.header));
    if (parts === undefined || header === undefined) throw refused('malformed');
    const key = await this.#keys.find(header.kid);
    const refusal = await this.#refusal(header, key, text.slice(0, parts.signed), parts.signature);
    if (refusal !== undefined) throw refused(refusal);
    const payload = decodeBase64Url(parts.payload);
    frame.data = isText(header.cty) ? decoded(payload) : payload;
    return next();
  }

  async #refusal(
    header: JwsHeader,
    key: ClientSignatureKey | undefined,
    input: string,
    signature: string,
  ): Promise<SignatureRefusal | undefined> {
    const verifier = key?.verifier();
    if (key === undefined || verifier === undefined) return 'unknownKey';
    if (!this.#rules.accepts(header, key)) return 'algorithm';
    const given = decodeBase64Url(signature);
    // In the one spelling that a signature has.
    if (encodeBase64Url(given) !== signature) return 'wrong';
    const isValid = await webCrypto().verify(algorithms[key.alg], await verifier, given, utf8.encode(input));
    return isValid ? this.#rules.refusal(header) : 'wrong';
  }
}

function refused(why: SignatureRefusal): GatewireError {
  return signatureRefusals[why];
}

/** A header that is no UTF-8 is none. */
function textOf(base64: string): string {
  try {
    return decoded(decodeBase64Url(base64));
  } catch {
    return '';
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
