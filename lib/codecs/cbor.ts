import { Encoder } from 'cbor-x';
import { checkEnvelopes } from '../protocol/check-envelopes.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import type { DecodeLimits } from '../protocol/limits.js';
import { type BinaryCodecOptions, resolveBinaryCodecOptions } from './binary-codec.options.js';
import { CborScan } from './cbor-scan.js';
import { joinBytes } from './join-bytes.js';
import { toPlainData } from './plain-data.js';

export type { BinaryCodecOptions } from './binary-codec.options.js';

/**
 * CBOR (RFC 8949) in binary frames, by `cbor-x` (an optional peer: install it). A peer negotiates it with the
 * subprotocol `gatewire.v1.cbor`. What is sent means the same as in JSON; bytes stay bytes, at any depth.
 *
 * @throws {OptionError} for an option that cannot work
 * @example
 * GatewireModule.forRoot({ codecs: [json(), cbor()] })
 */
export function cbor(options: BinaryCodecOptions = {}): Codec {
  return new CborCodec(options);
}

/** Read by the decoder, and missing in its types. */
const wholeNumbers = { int64AsNumber: true };

class CborCodec implements Codec {
  readonly name = 'cbor';
  readonly isBinary = true;
  readonly #scan: CborScan;
  readonly #keepsDates: boolean;
  /** Nothing of its own beside RFC 8949: no records, no shared structures, no packing, no bundled strings. */
  readonly #encoder = new Encoder({
    useRecords: false,
    variableMapSize: true,
    mapsAsObjects: true,
    structuredClone: false,
    useToJSON: false,
    tagUint8Array: false,
    ...wholeNumbers,
  });

  constructor(options: BinaryCodecOptions) {
    const resolved = resolveBinaryCodecOptions(options);
    this.#scan = new CborScan(resolved);
    this.#keepsDates = resolved.dates;
  }

  encode(envelope: Envelope): Uint8Array {
    return this.#encoder.encode(toPlainData(envelope, this.#keepsDates));
  }

  decode(frame: string | Uint8Array, limits: DecodeLimits): Envelope | Envelope[] {
    const bytes = frame as Uint8Array;
    this.#scan.check(bytes, limits);
    return checkEnvelopes(this.#encoder.decode(bytes), limits);
  }

  joinBatch(payloads: readonly (string | Uint8Array)[]): Uint8Array {
    const { length } = payloads;
    const header =
      length < 24 ? [0x80 | length] : length < 256 ? [0x98, length] : [0x99, length >> 8, length & 0xff];
    return joinBytes(header, payloads);
  }
}
