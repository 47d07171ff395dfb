import type * as jose from 'jose';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';

/** What is used of `jose`. */
export type Jose = typeof jose;

/**
 * The package `jose`, which only those need who verify tokens. Node keeps it: asking again costs nothing.
 *
 * @throws {GatewireError} that says what to install
 */
export async function loadJose(): Promise<Jose> {
  try {
    return await import('jose');
  } catch (cause) {
    throw new GatewireError(ErrorCode.Internal, 'jwt() needs the package "jose": npm install jose', {
      remediation: 'npm install jose',
      cause,
    });
  }
}
