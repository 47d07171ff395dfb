import type { Envelope } from './envelope.js';
import type { DecodeLimits } from './limits.js';

/**
 * How envelopes become the payloads of frames, and back. One codec serves every connection that has negotiated it.
 *
 * A codec MUST NOT keep anything of a frame or a connection between calls, and MUST NOT change an envelope.
 * What it decodes comes from a peer: `decode` MUST hand its result through `checkDecoded`, MUST bound nesting by
 * `limits.jsonDepth` before anything recurses, and MUST throw nothing that repeats the peer's data.
 *
 * @example
 * class Reversed implements Codec {
 *   readonly name = 'reversed';
 *   readonly isBinary = true;
 *   encode(envelope: Envelope): Uint8Array {
 *     return new TextEncoder().encode(JSON.stringify(envelope)).reverse();
 *   }
 *   decode(frame: string | Uint8Array, limits: DecodeLimits): Envelope | Envelope[] {
 *     return decodeEnvelope(Uint8Array.from(frame as Uint8Array).reverse(), limits);
 *   }
 * }
 */
export interface Codec {
  /** What stands behind `gatewire.v1.` in the subprotocol, and what JOSE's `cty` says: `json`, `msgpack`. */
  readonly name: string;
  /** True: it reads and writes binary frames only, and text frames of its connections carry JSON. */
  readonly isBinary: boolean;
  /** True: it is not negotiated, and serves every connection of the endpoint, as `raw()` does. @default false */
  readonly isWholeEndpoint?: boolean;
  /**
   * The payload of one message: a string for a text frame, bytes for a binary one. Called once for all receivers.
   *
   * @throws for data that it cannot hold
   */
  encode(envelope: Envelope): string | Uint8Array;
  /**
   * Reads the payload of a text frame (a string) or a binary one (bytes; on a server a `Buffer`). The result may hold views on the frame.
   *
   * @throws {ProtocolError} for what is no envelope; whatever else it throws counts as `UNDECODABLE`
   */
  decode(frame: string | Uint8Array, limits: DecodeLimits): Envelope | Envelope[];
  /**
   * Makes one batch of payloads that `encode` has made, without encoding again. It gets at least two, strings unless
   * `isBinary`. Without it the messages of a tick are sent one by one.
   */
  joinBatch?(payloads: readonly (string | Uint8Array)[]): string | Uint8Array;
}
