import type { Next } from '../../../exchange/compose.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { SignatureInfo } from '../../protection.js';
import type { SignatureAlgorithm } from '../../../exchange/signing/signature-rules.js';

/** What a handler demands of a signature. */
export interface SignedOptions {
  /** `EdDSA` alone shows who signed: with HS256 everybody who can verify can also sign. @default all that are verified */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Whether this is the signature of somebody who may send the message: `kid` and `message.connection.principal` are there to compare. */
  readonly by?: (signature: SignatureInfo, message: InboundMessage) => boolean;
}

/** Lets only messages pass that came signed. */
export class SignedStage implements GatewayMiddleware {
  readonly #options: SignedOptions;
  readonly #host: StageHost;

  constructor(options: SignedOptions, host: StageHost) {
    this.#options = options;
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const signed = message.protection?.signed;
    if (signed === undefined)
      return this.#refuse(message, ErrorCode.ProtectionRequired, 'this message must be signed');
    const { algorithms, by } = this.#options;
    const alg = signed.alg === 'Ed25519' ? 'EdDSA' : signed.alg;
    if (algorithms !== undefined && !algorithms.includes(alg as SignatureAlgorithm))
      return this.#refuse(
        message,
        ErrorCode.ProtectionRequired,
        `this message must be signed with ${algorithms.join(' or ')}`,
      );
    if (by !== undefined && !by(signed, message))
      return this.#refuse(message, ErrorCode.Forbidden, 'this key may not sign this message');
    return next();
  }

  #refuse(message: InboundMessage, code: ErrorCode, text: string): void {
    this.#host.count('signing.demanded');
    message.reject(code, text);
  }
}
