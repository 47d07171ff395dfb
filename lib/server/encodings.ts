import type { Stage } from '../pipeline/stage.js';
import type { Codec } from '../protocol/codec.js';
import type { CodecTable } from '../protocol/codec-table.js';
import { json } from '../protocol/codecs/json.js';
import type { Deflater } from '../transport/deflater.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import { Encoding, type PayloadWay, payloadWay } from './encoding.js';

/** The same object for all endpoints, so that a broadcast to several of them is encoded once. */
const plain = new Encoding({ codec: json(), shared: [], own: [] }, null);

/** The encodings of one endpoint's connections; those that are the same are one object. */
export class Encodings {
  readonly #codecs: CodecTable;
  readonly #deflater: Deflater | null;
  #stages: readonly Stage[] = [];
  readonly #ways = new Map<Codec, PayloadWay>();
  readonly #deflated = new Map<PayloadWay, Encoding>();
  readonly #whole = new Map<PayloadWay, Encoding>();

  constructor(codecs: CodecTable, deflater: Deflater | null) {
    this.#codecs = codecs;
    this.#deflater = deflater;
  }

  /** Stages of the endpoint, in order. Connections that are there already keep what they have. */
  setStages(stages: readonly Stage[]): void {
    this.#stages = stages.filter(({ middleware }) => middleware.outboundFrame !== undefined);
    this.#ways.clear();
  }

  /** For a connection whose 101 is out. */
  of({ protocol, canDeflate }: TransportSocket): Encoding {
    const codec = this.#codecs.of(protocol);
    const deflater = canDeflate ? this.#deflater : null;
    if (deflater === null && codec === json() && this.#stages.length === 0) return plain;
    let way = this.#ways.get(codec);
    if (way === undefined) this.#ways.set(codec, (way = payloadWay(codec, this.#stages)));
    const known = deflater === null ? this.#whole : this.#deflated;
    let encoding = known.get(way);
    if (encoding === undefined) known.set(way, (encoding = new Encoding(way, deflater)));
    return encoding;
  }
}
