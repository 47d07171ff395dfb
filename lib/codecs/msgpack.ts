import { Packr } from 'msgpackr';
import { checkEnvelopes } from '../protocol/check-envelopes.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import type { DecodeLimits } from '../protocol/limits.js';
import { type BinaryCodecOptions, resolveBinaryCodecOptions } from './binary-codec.options.js';
import { joinBytes } from './join-bytes.js';
import { MsgpackScan } from './msgpack-scan.js';
import { toPlainData } from './plain-data.js';

export type { BinaryCodecOptions } from './binary-codec.options.js';

/**
 * MessagePack in binary frames, by `msgpackr` (an optional peer: install it). A peer negotiates it with the subprotocol
 * `gatewire.v1.msgpack`. What is sent means the same as in JSON; bytes stay bytes, at any depth.
 *
 * @throws {OptionError} for an option that cannot work
 * @example
 * GatewireModule.forRoot({ codecs: [json(), msgpack()] })
 */
export function msgpack(options: BinaryCodecOptions = {}): Codec {
  return new MsgpackCodec(options);
}

class MsgpackCodec implements Codec {
  readonly name = 'msgpack';
  readonly isBinary = true;
  readonly #scan: MsgpackScan;
  readonly #keepsDates: boolean;
  /** Nothing of its own beside MessagePack: no records, no shared structures, no bundled strings, no clones. */
  readonly #packr = new Packr({
    useRecords: false,
    variableMapSize: true,
    mapsAsObjects: true,
    moreTypes: false,
    structuredClone: false,
    useToJSON: false,
    // Beyond 2^53 there is nothing: the scan has refused it.
    int64AsType: 'number',
  });

  constructor(options: BinaryCodecOptions) {
    const resolved = resolveBinaryCodecOptions(options);
    this.#scan = new MsgpackScan(resolved);
    this.#keepsDates = resolved.dates;
  }

  encode(envelope: Envelope): Uint8Array {
    return this.#packr.pack(toPlainData(envelope, this.#keepsDates));
  }

  decode(frame: string | Uint8Array, limits: DecodeLimits): Envelope | Envelope[] {
    const bytes = frame as Uint8Array;
    this.#scan.check(bytes, limits);
    return checkEnvelopes(this.#packr.unpack(bytes), limits);
  }

  joinBatch(payloads: readonly (string | Uint8Array)[]): Uint8Array {
    const { length } = payloads;
    const header = length < 16 ? [0x90 | length] : [0xdc, length >> 8, length & 0xff];
    return joinBytes(header, payloads);
  }
}
