import { createHash } from 'node:crypto';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import type { InboundMessage } from '../inbound-message.js';

/** Longest `meta.key`, in UTF-16 code units: as for `@Deduplicate()`. */
const longestKey = 256;

/**
 * What a message is known by, however often and wherever it comes: its `meta.key` with the user or the session it is of, else its id in
 * its session. Undefined: nothing tells a repeat. Hashed, as it has to fit into an index, and nobody's identity belongs there.
 *
 * @throws {GatewireError} `BAD_REQUEST` for a `meta.key` that is none
 */
export function settlementKey(message: InboundMessage): string | undefined {
  const { connection, id, meta, principal } = message;
  const key = meta?.['key'];
  const session = connection.session?.id;
  if (key !== undefined) {
    if (typeof key !== 'string' || key === '' || key.length > longestKey)
      throw new GatewireError(
        ErrorCode.BadRequest,
        `meta.key must be a string of 1 to ${longestKey} characters`,
      );
    // Nobody known shares anything.
    if (principal !== undefined) return hash('user', principal.id, key);
    return session === undefined ? undefined : hash('session', session, key);
  }
  return id === undefined || session === undefined ? undefined : hash(`id:${typeof id}`, session, String(id));
}

function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
