import { cbor } from '../../lib/codecs/cbor.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import {
  checkDecoded,
  type Codec,
  type DecodeLimits,
  type Envelope,
  json,
} from '../../lib/protocol/index.js';
import { codecContract } from '../contract/codec.contract.js';

const runner = { describe, it };

codecContract('json', { create: json, bytes: 'shallow' }, runner);
codecContract('msgpack', { create: msgpack, bytes: 'deep' }, runner);
codecContract('cbor', { create: cbor, bytes: 'deep' }, runner);

/** A codec of an application: JSON with its bytes turned over. */
class Inverted implements Codec {
  readonly name = 'inverted';
  readonly isBinary = true;
  encode(envelope: Envelope): Uint8Array {
    return Buffer.from(JSON.stringify(envelope)).map((byte) => ~byte);
  }
  decode(frame: string | Uint8Array, limits: DecodeLimits): Envelope | Envelope[] {
    const text = Buffer.from((frame as Uint8Array).map((byte) => ~byte)).toString();
    return checkDecoded(JSON.parse(text), limits);
  }
}

codecContract('of ten lines', { create: () => new Inverted(), bytes: 'none' }, runner);
