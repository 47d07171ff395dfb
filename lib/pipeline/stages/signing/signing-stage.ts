import type { Next } from '../../../exchange/compose.js';
import { SignatureHeaders } from '../../../exchange/signing/signature-header.js';
import {
  type SignatureRefusal,
  signatureRefusals,
  type SignatureRuleOptions,
  SignatureRules,
} from '../../../exchange/signing/signature-rules.js';
import { isPromise } from '../../../primitives/is-promise.js';
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
import { contentTypeOf, isText } from '../../../protocol/content-type.js';
import { SignatureWork } from './signature-work.js';
import type { SignatureKey, SigningKeys } from './signing-keys.js';

/** How messages are signed and verified. */
export interface SigningOptions extends SignatureRuleOptions {
  readonly keys: SigningKeys;
  /** What is signed on its way out. @default 'none' */
  readonly outbound?: 'all' | 'none' | ((message: OutboundMessage) => boolean);
}

/**
 * Signs frames and verifies those that are signed: JWS in compact serialization (RFC 7515), as a text frame. What is
 * not signed passes: `@Signed()` says which handlers want a signature.
 */
export class SigningStage implements GatewayMiddleware {
  readonly #keys: SigningKeys;
  readonly #outbound: NonNullable<SigningOptions['outbound']>;
  readonly #host: StageHost;
  readonly #work = new SignatureWork();
  readonly #rules: SignatureRules;
  readonly #headers = new SignatureHeaders();

  /** @throws {OptionError} */
  constructor(options: SigningOptions, host: StageHost) {
    this.#keys = options.keys;
    this.#outbound = options.outbound ?? 'none';
    this.#rules = new SignatureRules(options);
    this.#host = host;
  }

  inboundFrame(frame: InboundFrame, next: Next): void | Promise<void> {
    if (frame.isBinary || frame.data[0] !== joseFirstByte) return next();
    const text = frame.data.toString('latin1');
    const parts = splitJws(text);
    const header = parts && readJwsHeader(Buffer.from(parts.header, 'base64url').toString());
    if (parts === undefined || header === undefined) throw this.#refuse('malformed');
    const key = this.#keys.find(header.kid, frame.connection);
    if (isPromise(key)) return key.then((found) => this.#verify(frame, next, text, parts, header, found));
    return this.#verify(frame, next, text, parts, header, key);
  }

  outboundFrame(frame: OutboundFrame, next: Next): void | Promise<void> {
    const outbound = this.#outbound;
    if (outbound === 'none' || (outbound !== 'all' && !outbound(frame.message))) return next();
    const key = this.#keys.current();
    if (key === undefined)
      throw new GatewireError(ErrorCode.Internal, 'there is no key to sign with', {
        remediation: 'Let current() of the signing keys give one, or leave "outbound" out.',
      });
    const header = this.#headers.next(key, contentTypeOf(frame), this.#rules.now());
    const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(frame.data as string).toString('base64url')}`;
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
    if (!this.#rules.accepts(header, key)) throw this.#refuse('algorithm');
    const isValid = this.#work.verify(key, text.slice(0, parts.signed), parts.signature);
    if (isPromise(isValid))
      return isValid.then((settled) => this.#verified(frame, next, parts, header, settled));
    return this.#verified(frame, next, parts, header, isValid);
  }

  #verified(
    frame: InboundFrame,
    next: Next,
    { payload }: JwsParts,
    header: JwsHeader,
    isValid: boolean,
  ): void | Promise<void> {
    const refusal = isValid ? this.#rules.refusal(header) : 'wrong';
    if (refusal !== undefined) throw this.#refuse(refusal);
    const { alg, kid, cty, iat } = header;
    frame.data = Buffer.from(payload, 'base64url');
    frame.isBinary = !isText(cty);
    frame.protect({ signed: { alg, kid, issuedAt: (iat as number) * 1000 } });
    return next();
  }

  #refuse(why: SignatureRefusal): GatewireError {
    this.#host.count(`signing.${why}`);
    return signatureRefusals[why];
  }
}

function pass(frame: OutboundFrame, next: Next, input: string, signature: string): void | Promise<void> {
  frame.data = `${input}.${signature}`;
  frame.isBinary = false;
  return next();
}
