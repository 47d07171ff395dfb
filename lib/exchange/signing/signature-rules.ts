import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import type { JwsHeader } from '../../protocol/jws-compact.js';
import { NonceWindows } from './nonce-windows.js';

/** HMAC with SHA-256, and Ed25519 (RFC 7518 section 3.2, RFC 8037 section 3.1). */
export type SignatureAlgorithm = 'HS256' | 'EdDSA';

/** What a receiver makes of signatures. */
export interface SignatureRuleOptions {
  /** What is accepted. A key is only ever used with its own algorithm. @default both */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How old a signature may be, by its `iat`, in milliseconds. @default 300_000 */
  readonly maxAgeMs?: number;
  /** How far the clocks of peers may be ahead, in milliseconds. @default 5_000 */
  readonly clockToleranceMs?: number;
  /** Nonces remembered in `maxAgeMs`, for each key; what comes beyond is refused with `OVERLOADED`. @default 100_000 */
  readonly maxNonces?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Why a signature is refused. */
export const signatureRefusals = {
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

export type SignatureRefusal = keyof typeof signatureRefusals;

/** What both ends demand of a signature beside that it is right. */
export class SignatureRules {
  readonly now: () => number;
  readonly #algorithms: readonly SignatureAlgorithm[];
  readonly #maxAgeMs: number;
  readonly #clockToleranceMs: number;
  readonly #nonces: NonceWindows;

  /** @throws {OptionError} */
  constructor(options: SignatureRuleOptions) {
    this.now = options.now ?? Date.now;
    this.#algorithms = options.algorithms ?? ['HS256', 'EdDSA'];
    this.#maxAgeMs = durationMs('maxAgeMs', options.maxAgeMs ?? 300_000);
    this.#clockToleranceMs = durationMs('clockToleranceMs', options.clockToleranceMs ?? 5_000, 0);
    this.#nonces = new NonceWindows(
      this.#maxAgeMs + this.#clockToleranceMs,
      wholeNumber('maxNonces', options.maxNonces ?? 100_000),
    );
  }

  /** Before the signature is computed: whether this key may be used so. RFC 9864 gives `EdDSA` with Ed25519 a name of its own. */
  accepts({ alg }: JwsHeader, key: { readonly alg: SignatureAlgorithm }): boolean {
    return (alg === 'Ed25519' ? 'EdDSA' : alg) === key.alg && this.#algorithms.includes(key.alg);
  }

  /** Of a signature that is right: what speaks against it all the same. Its nonce is used up. */
  refusal({ kid = '', iat, nonce }: JwsHeader): SignatureRefusal | undefined {
    const now = this.now();
    const ageMs = iat === undefined ? Infinity : now - iat * 1000;
    if (ageMs > this.#maxAgeMs || ageMs < -this.#clockToleranceMs) return 'age';
    if (nonce === undefined) return 'nonce';
    const verdict = this.#nonces.use(kid, nonce, now);
    if (verdict === 'new') return undefined;
    return verdict === 'seen' ? 'replayed' : 'full';
  }
}
