import { OptionError } from '../primitives/option-error.js';
import type { Codec } from './codec.js';
import { json } from './codecs/json.js';
import { codecSubprotocol, Subprotocol } from './subprotocol.js';

/** Goes into a header and into JOSE's `cty`; `bearer` and the like are not codecs. */
const namePattern = /^[a-z][a-z0-9-]{0,31}$/;

/** The codecs of an endpoint, and which of them a connection has. */
export class CodecTable {
  /** What connections without a `gatewire.v1.*` subprotocol speak: JSON, or the codec of the whole endpoint. */
  readonly plain: Codec;
  /** What the endpoint can select, for `selectSubprotocol` and its refusals. */
  readonly subprotocols: readonly string[];
  /** Every codec that a connection may have. */
  readonly all: readonly Codec[];
  readonly #negotiated = new Map<string, Codec>();

  /**
   * @param codecs what may be negotiated; plain connections speak JSON whether it is among them or not
   * @throws {OptionError} for two codecs of one name, for a name that no subprotocol can have, or a codec of whole endpoints beside others
   */
  constructor(codecs: readonly Codec[] = [json()]) {
    const [first] = codecs;
    if (first === undefined) throw new OptionError('codecs', 'at least one codec', 'none');
    for (const codec of codecs) this.#add(codec, codecs.length);
    this.plain = first.isWholeEndpoint === true ? first : json();
    this.subprotocols = [Subprotocol.Plain, ...this.#negotiated.keys()];
    this.all = [...new Set([this.plain, ...codecs])];
  }

  /** The codec of a connection, by the subprotocol that was selected for it. */
  of(subprotocol: string): Codec {
    return this.#negotiated.get(subprotocol) ?? this.plain;
  }

  #add(codec: Codec, count: number): void {
    const { name, isWholeEndpoint = false } = codec;
    if (!namePattern.test(name))
      throw new OptionError('codecs', 'names of 1 to 32 lower-case letters, digits and dashes', name);
    if (isWholeEndpoint && count > 1)
      throw new OptionError(
        'codecs',
        `${name}() alone, since it serves the whole endpoint`,
        `${count} codecs`,
      );
    if (isWholeEndpoint) return;
    const subprotocol = codecSubprotocol(name);
    if (this.#negotiated.has(subprotocol)) throw new OptionError('codecs', 'each codec once', name);
    this.#negotiated.set(subprotocol, codec);
  }
}
