/** `gatewire/client/stages`: stages for `pipeline(…)` of a client. Each is a file of its own: what is not used is not loaded. */
export {
  type ClientCompressionOptions,
  type ClientEncoding,
  compression,
  type CompressionEngine,
} from './compression.js';
export { type ClientDeduplicateOptions, deduplicate } from './deduplicate.js';
export { type ClientEncryptionOptions, encryption } from './encryption.js';
export type { ServerPublicKey } from './key-agreement.js';
export {
  binaryFilter,
  type ClientBinaryFilterOptions,
  type ClientFilterOutcome,
  type ClientFilterScope,
  type ClientPredicate,
  type ClientTextFilterOptions,
  filter,
  textFilter,
} from './filter.js';
export type { LinearEngine } from '../../exchange/filter/pattern-matcher.js';
export type { ClientLogRecord } from './client-log-record.js';
export { type ClientLoggingOptions, logging } from './logging.js';
export { type ClientSequenceOptions, sequence } from './sequence.js';
export { type ClientSigningOptions, signing } from './signing.js';
export {
  type ClientSignatureKey,
  type ClientSigningKeys,
  ed25519Key,
  hmacKey,
  staticKeys,
} from './signing-keys.js';
export type { ClientDirection } from './subject.js';
export type { WebKey } from './web-crypto.js';
