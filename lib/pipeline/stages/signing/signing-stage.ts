import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { durationMs, wholeNumber } from '../../../primitives/option-checks.js';
import { randomId } from '../../../primitives/random-id.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import {
  joseFirstByte,
  type JwsHeader,
  type JwsParts,
  readJwsHeader,
  splitJws,
} from '../../../protocol/jws-compact.js';
import type { InboundFrame } from '../../inbound-frame.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { contentTypeOf, isText } from '../content-type.js';
import { NonceWindows } from './nonce-windows.js';
import { SignatureWork } from './signature-work.js';
import type { SignatureAlgorithm, SignatureKey, SigningKeys } from './signing-keys.js';

/** How messages are signed and verified. */
export interface SigningOptions {
  readonly keys: SigningKeys;
  /** What is accepted. A key is only ever used with its own algorithm. @default both */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How old a signature may be, by its `iat`, in milliseconds. @default 300_000 */
  readonly maxAgeMs?: number;
  /** How far the clocks of peers may be ahead, in milliseconds. @default 5_000 */
  readonly clockToleranceMs?: number;
  /** Nonces remembered in `maxAgeMs`, for each key; what comes beyond is refused with `OVERLOADED`. @default 100_000 */
  readonly maxNonces?: number;
  /** What is signed on its way out. @default 'none' */
  readonly outbound?: 'all' | 'none' | ((message: OutboundMessage) => boolean);
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

interface LastHeader {
  readonly key: SignatureKey | null;
  readonly cty: string;
  readonly iat: number;
  /** JSON up to the end of the nonce's first, constant part. */
  readonly text: string;
}

const refusals = {
  malformed: new GatewireError(ErrorCode.BadSignature, 'not a JWS in compact serialization'),
  algorithm: new GatewireError(ErrorCode.BadSignature, 'the algorithm is not accepted for this key'),
  unknownKey: new GatewireError(ErrorCode.BadSignature, 'nobody here knows the key'),
  wrong: new GatewireError(ErrorCode.BadSignature, 'the signature is wrong'),
  age: new GatewireError(
    ErrorCode.BadSignature,
    'the signature is too old, from the future, or has no "iat"',
  ),
  nonce: new GatewireError(ErrorCode.BadSignature, 'the signature has no "nonce"'),
  replayed: new GatewireError(ErrorCode.Replayed, 'this message has been here before'),
  full: new GatewireError(ErrorCode.Overloaded, 'too many signed messages: try again later'),
} as const;

/**
 * Signs frames and verifies those that are signed: JWS in compact serialization (RFC 7515), as a text frame. What is
 * not signed passes: `@Signed()` says which handlers want a signature.
 */
export class SigningStage implements GatewayMiddleware {
  readonly #options: Required<SigningOptions>;
  readonly #host: StageHost;
  readonly #work = new SignatureWork();
  readonly #nonces: NonceWindows;
  /** Of the nonces that are made here. */
  readonly #prefix = randomId();
  #signed = 0;
  #lastHeader: LastHeader = { key: null, cty: '', iat: 0, text: '' };

  constructor(options: SigningOptions, host: StageHost) {
    const { maxAgeMs = 300_000, clockToleranceMs = 5_000, maxNonces = 100_000, now = Date.now } = options;
    this.#options = {
      algorithms: ['HS256', 'EdDSA'],
      outbound: 'none',
      ...options,
      maxAgeMs: durationMs('maxAgeMs', maxAgeMs),
      clockToleranceMs: durationMs('clockToleranceMs', clockToleranceMs, 0),
      maxNonces: wholeNumber('maxNonces', maxNonces),
      now,
    };
    this.#host = host;
    this.#nonces = new NonceWindows(maxAgeMs + clockToleranceMs, maxNonces);
  }

  inboundFrame(frame: InboundFrame, next: Next): void | Promise<void> {
    if (frame.isBinary || frame.data[0] !== joseFirstByte) return next();
    const text = frame.data.toString('latin1');
    const parts = splitJws(text);
    const header = parts && readJwsHeader(Buffer.from(parts.header, 'base64url').toString());
    if (parts === undefined || header === undefined) throw this.#refuse('malformed');
    const key = this.#options.keys.find(header.kid, frame.connection);
    if (isPromise(key)) return key.then((found) => this.#verify(frame, next, text, parts, header, found));
    return this.#verify(frame, next, text, parts, header, key);
  }

  outboundFrame(frame: OutboundFrame, next: Next): void | Promise<void> {
    const { outbound, keys } = this.#options;
    if (outbound === 'none' || (outbound !== 'all' && !outbound(frame.message))) return next();
    const key = keys.current();
    if (key === undefined)
      throw new GatewireError(ErrorCode.Internal, 'there is no key to sign with', {
        remediation: 'Let current() of the signing keys give one, or leave "outbound" out.',
      });
    const input = `${this.#header(key, contentTypeOf(frame))}.${Buffer.from(frame.data as string).toString('base64url')}`;
    const signature = this.#work.sign(key, input);
    if (isPromise(signature)) return signature.then((made) => pass(frame, next, input, made));
    return pass(frame, next, input, signature);
  }

  #verify(
    frame: InboundFrame,
    next: Next,
    text: string,
    parts: JwsParts,
    header: JwsHeader,
    key: SignatureKey | undefined,
  ): void | Promise<void> {
    if (key === undefined) throw this.#refuse('unknownKey');
    if (!this.#accepts(header.alg, key)) throw this.#refuse('algorithm');
    const isValid = this.#work.verify(key, text.slice(0, parts.signed), parts.signature);
    if (isPromise(isValid))
      return isValid.then((settled) => this.#verified(frame, next, parts, header, settled));
    return this.#verified(frame, next, parts, header, isValid);
  }

  /** RFC 9864 gives `EdDSA` with this curve a name of its own. */
  #accepts(alg: string, key: SignatureKey): boolean {
    const named = alg === 'Ed25519' ? 'EdDSA' : alg;
    return named === key.alg && this.#options.algorithms.includes(key.alg);
  }

  #verified(
    frame: InboundFrame,
    next: Next,
    { payload }: JwsParts,
    { alg, kid, cty, iat, nonce }: JwsHeader,
    isValid: boolean,
  ): void | Promise<void> {
    if (!isValid) throw this.#refuse('wrong');
    const now = this.#options.now();
    const ageMs = iat === undefined ? Infinity : now - iat * 1000;
    if (ageMs > this.#options.maxAgeMs || ageMs < -this.#options.clockToleranceMs) throw this.#refuse('age');
    if (nonce === undefined) throw this.#refuse('nonce');
    const verdict = this.#nonces.use(kid ?? '', nonce, now);
    if (verdict === 'seen') throw this.#refuse('replayed');
    if (verdict === 'full') throw this.#refuse('full');
    frame.data = Buffer.from(payload, 'base64url');
    frame.isBinary = !isText(cty);
    frame.protect({ signed: { alg, kid, issuedAt: (iat as number) * 1000 } });
    return next();
  }

  #refuse(why: keyof typeof refusals): GatewireError {
    this.#host.count(`signing.${why}`);
    return refusals[why];
  }

  /** All of it but the nonce is the same for a second. */
  #header(key: SignatureKey, cty: string): string {
    const iat = Math.floor(this.#options.now() / 1000);
    const last = this.#lastHeader;
    if (key !== last.key || cty !== last.cty || iat !== last.iat) {
      const text = JSON.stringify({ alg: key.alg, kid: key.kid, cty, iat, nonce: this.#prefix });
      this.#lastHeader = { key, cty, iat, text: text.slice(0, -'"}'.length) };
    }
    const nonce = (this.#signed++).toString(36);
    return Buffer.from(`${this.#lastHeader.text}${nonce}"}`).toString('base64url');
  }
}

function pass(frame: OutboundFrame, next: Next, input: string, signature: string): void | Promise<void> {
  frame.data = `${input}.${signature}`;
  frame.isBinary = false;
  return next();
}
