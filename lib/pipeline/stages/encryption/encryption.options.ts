import { wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { mostMessagesPerKey } from './content-key.js';
import type { X25519Key } from './encryption-keys.js';

/** How frames are encrypted and decrypted. */
export interface EncryptionOptions {
  /** The server's long-lived keys: all are accepted. For rotation a function, called for each agreement. */
  readonly keys: readonly X25519Key[] | (() => readonly X25519Key[]);
  /** What is encrypted for connections that have session keys. @default 'all' */
  readonly outbound?: 'all' | ((message: OutboundMessage) => boolean);
  /** Refuses every frame that is not encrypted, and sends nothing in plain. @default false */
  readonly require?: boolean;
  /** Messages that a session key may be used for, each way; then the connection is closed with 4401. @default 2 ** 32 (NIST SP 800-38D section 8.3) */
  readonly messagesPerKey?: number;
  /** Times that a connection may agree on keys, those that fail included; further ones are refused with `RATE_LIMITED`. @default 16 */
  readonly maxAgreements?: number;
}

export interface ResolvedEncryptionOptions {
  readonly keys: () => readonly X25519Key[];
  readonly outbound: 'all' | ((message: OutboundMessage) => boolean);
  readonly require: boolean;
  readonly messagesPerKey: number;
  readonly maxAgreements: number;
}

/** @throws {OptionError} */
export function resolveEncryptionOptions(options: EncryptionOptions): ResolvedEncryptionOptions {
  const { keys, outbound = 'all', require = false } = options;
  const { messagesPerKey = mostMessagesPerKey, maxAgreements = 16 } = options;
  if (outbound !== 'all' && typeof outbound !== 'function')
    throw new OptionError('outbound', '"all" or a function', outbound);
  if (typeof keys !== 'function' && keys.length === 0)
    throw new OptionError('keys', 'at least one key', 'none');
  return {
    keys: typeof keys === 'function' ? keys : () => keys,
    outbound,
    require,
    messagesPerKey: wholeNumber('messagesPerKey', messagesPerKey, 1, mostMessagesPerKey),
    maxAgreements: wholeNumber('maxAgreements', maxAgreements),
  };
}
