import type { ErrorCode } from './error-code.js';

/** A documented code, or one of the application's own. */
export type GatewireErrorCode = ErrorCode | (string & {});

/** What an error may say beside code and message. */
export interface GatewireErrorOptions {
  /** For the peer: must be encodable, and hold nothing that the peer may not see. */
  readonly details?: unknown;
  /** For the developer: what to do about it. Never sent. */
  readonly remediation?: string;
  /** For the log. Never sent. */
  readonly cause?: unknown;
}

const brand: unique symbol = Symbol.for('gatewire:error') as never;

/**
 * An error that may reach a peer: code, message and details are sent as they are.
 *
 * @example
 * throw new GatewireError(ErrorCode.NotFound, 'no such order');
 */
export class GatewireError extends Error {
  override readonly name: string = 'GatewireError';
  readonly code: GatewireErrorCode;
  readonly details: unknown;
  readonly remediation: string | undefined;

  static {
    // On the prototype, so that it is not printed with each error.
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  constructor(
    code: GatewireErrorCode,
    message: string,
    { details, remediation, cause }: GatewireErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
    this.remediation = remediation;
  }
}

/** Whether something thrown is a {@link GatewireError}, of this build or of the other one (ESM and CommonJS may meet in a process). */
export function isGatewireError(error: unknown): error is GatewireError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}
