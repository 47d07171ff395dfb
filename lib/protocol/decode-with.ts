import type { Codec } from './codec.js';
import { decodeEnvelope } from './decode-envelope.js';
import type { Envelope } from './envelope.js';
import { ErrorCode } from './error-code.js';
import type { DecodeLimits } from './limits.js';
import { ProtocolError } from './protocol-error.js';

/**
 * Reads a frame of a connection that has negotiated `codec`. Text frames carry JSON where the codec is binary.
 *
 * @throws {ProtocolError} and nothing else, whatever the codec throws
 */
export function decodeWith(
  codec: Codec,
  frame: string | Uint8Array,
  limits: DecodeLimits,
): Envelope | Envelope[] {
  if (codec.isBinary && typeof frame === 'string') return decodeEnvelope(frame, limits);
  try {
    return codec.decode(frame, limits);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    // What a decoder says about bytes may quote them.
    throw new ProtocolError(ErrorCode.Undecodable, `the frame is not ${codec.name}`);
  }
}
