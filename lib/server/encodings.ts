import type { Stage } from '../pipeline/stage.js';
import type { Codec } from '../protocol/codec.js';
import type { CodecTable } from '../protocol/codec-table.js';
import { json } from '../protocol/codecs/json.js';
import { ContextDeflater } from '../transport/context-deflater.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { Compression } from './compression.js';
import { Encoding, type PayloadWay, payloadWay } from './encoding.js';

/** The same object for all endpoints, so that a broadcast to several of them is encoded once. */
const plain = new Encoding({ codec: json(), shared: [], own: [], sent: [] }, null);

/** The encodings of one endpoint's connections; those that are the same are one object. */
export class Encodings {
  readonly #codecs: CodecTable;
  readonly #compression: Compression | null;
  #stages: readonly Stage[] = [];
  #sent: PayloadWay['sent'] = [];
  /** Whether nothing can turn messages around on their way out: what a deflater with context needs. */
  #isStraight = true;
  /** Connections that have a deflater of their own. */
  #contexts = 0;
  readonly #ways = new Map<Codec, PayloadWay>();
  readonly #deflated = new Map<PayloadWay, Encoding>();
  readonly #whole = new Map<PayloadWay, Encoding>();

  constructor(codecs: CodecTable, compression: Compression | null) {
    this.#codecs = codecs;
    this.#compression = compression;
  }

  /**
   * Stages of the endpoint, in order. Connections that are there already keep what they have.
   *
   * @param sent who watches what is sent
   */
  setStages(stages: readonly Stage[], sent: PayloadWay['sent']): void {
    this.#sent = sent;
    this.#stages = stages.filter(({ middleware }) => middleware.outboundFrame !== undefined);
    this.#isStraight = stages.every(
      ({ middleware }) => middleware.outboundFrame === undefined && middleware.outbound === undefined,
    );
    this.#ways.clear();
  }

  /** For a connection whose 101 is out. */
  of(socket: TransportSocket): Encoding {
    const codec = this.#codecs.of(socket.protocol);
    return this.#make(codec, socket.canDeflate ? this.#compression : null, socket.keepsDeflateContext);
  }

  /** What another process calls the same way to make messages. Begins with `!` where no other socket can go on with what was made. */
  nameOf({ way, deflater, isRepeatable }: Encoding): string {
    const isDeflated = isRepeatable && deflater !== null;
    return `${isRepeatable ? '' : '!'}${this.#nameOf(way.codec, isDeflated)}`;
  }

  /** The encoding of this name, without what belonged to a socket; undefined where there is none (any more). */
  named(name: string): Encoding | undefined {
    const wanted = name.replace('!', '');
    for (const codec of this.#codecs.all) {
      if (wanted !== name && wanted === this.#nameOf(codec, false))
        return shared(this.#whole, this.#make(codec, this.#compression, false).way, null);
      if (wanted === this.#nameOf(codec, false)) return this.#make(codec, null, false);
      if (wanted === this.#nameOf(codec, true)) return this.#make(codec, this.#compression, false);
    }
    return undefined;
  }

  #nameOf({ name }: Codec, isDeflated: boolean): string {
    return [name, ...this.#stages.map((stage) => stage.name), isDeflated ? 'deflate' : ''].join(' ');
  }

  #make(codec: Codec, compression: Compression | null, keepsContext: boolean): Encoding {
    const isBare = this.#stages.length === 0 && this.#sent.length === 0;
    if (compression === null && codec === json() && isBare) return plain;
    let way = this.#ways.get(codec);
    if (way === undefined) this.#ways.set(codec, (way = payloadWay(codec, this.#stages, this.#sent)));
    if (compression === null) return shared(this.#whole, way, null);
    if (!keepsContext || !this.#isStraight || this.#contexts >= compression.contexts)
      return shared(this.#deflated, way, compression.deflater);
    this.#contexts++;
    return new Encoding(way, compression.createContext());
  }

  /** While the client is away: the same without what belongs to its socket. */
  withoutSocket(encoding: Encoding): Encoding {
    if (encoding.deflater?.hasContext !== true) return encoding;
    this.release(encoding);
    return shared(this.#whole, encoding.way, null);
  }

  /** Its connection is gone. */
  release({ deflater }: Encoding): void {
    if (!(deflater instanceof ContextDeflater)) return;
    this.#contexts--;
    deflater.close();
  }
}

function shared(known: Map<PayloadWay, Encoding>, way: PayloadWay, deflater: Encoding['deflater']): Encoding {
  let encoding = known.get(way);
  if (encoding === undefined) known.set(way, (encoding = new Encoding(way, deflater)));
  return encoding;
}
