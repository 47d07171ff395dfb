/** `gatewire/protocol`: the wire format alone, for any program that speaks it. No Nest, no ws, no Node. */
export { CloseCode, type CloseReaction, closeReaction, type CloseTraits, closeTraits } from './close-code.js';
export { closeReasonBytes, truncateReason } from './close-reason.js';
export { checkDecoded } from './check-envelopes.js';
export type { Codec } from './codec.js';
export { json } from './codecs/json.js';
export { raw, type RawOptions } from './codecs/raw.js';
export { decodeEnvelope } from './decode-envelope.js';
export { encodeEnvelope } from './encode-envelope.js';
export type { Envelope, ErrorBody, MessageId } from './envelope.js';
export { type ErrorAdvice, ErrorCode, type ErrorTraits, errorTraits } from './error-code.js';
export { checkEventName, isReservedEvent } from './event-name.js';
export {
  GatewireError,
  type GatewireErrorCode,
  type GatewireErrorOptions,
  isGatewireError,
} from './gatewire-error.js';
export { decodeDefaults, type DecodeLimits, resolveDecodeLimits } from './limits.js';
export { ProtocolError } from './protocol-error.js';
export {
  bearerToken,
  codecSubprotocol,
  selectSubprotocol,
  Subprotocol,
  subprotocolRefusal,
} from './subprotocol.js';
