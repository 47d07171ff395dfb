import { hasBinary } from '../protocol/binary-data.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import { decodeDefaults } from '../protocol/limits.js';
import type { Wire } from './wire.js';

const nullable = ['event', 'id', 'error'] as const;

/** JSON as text. What holds bytes is for the whole codec: it is loaded when it is needed first. */
export const lazyJson: Wire = {
  codec: 'json',
  stages: 0,
  encode: (envelope) =>
    hasBinary(envelope.data) ? wholeJson().then((codec) => codec.encode(envelope)) : JSON.stringify(envelope),
  wrap: (payload) => payload,
  unwrap: (frame) =>
    typeof frame === 'string'
      ? envelopesIn(JSON.parse(frame))
      : wholeJson().then((codec) => envelopesIn(codec.decode(frame, decodeDefaults))),
};

/** A codec and nothing else. */
export function plainWire(codec: Codec): Wire {
  return {
    codec: codec.name,
    stages: 0,
    encode: (envelope) => codec.encode(envelope),
    wrap: (payload) => payload,
    // Text is JSON on every connection.
    unwrap: (frame) =>
      codec.isBinary && typeof frame === 'string'
        ? lazyJson.unwrap(frame, 0)
        : envelopesIn(codec.decode(frame, decodeDefaults)),
  };
}

async function wholeJson(): Promise<Codec> {
  return (await import('../protocol/codecs/json.js')).json();
}

/** The envelopes of a frame; a batch has several. The server is trusted with what is in them, but not to send any. */
export function envelopesIn(decoded: unknown): readonly Envelope[] {
  return Array.isArray(decoded) ? decoded.map(envelopeOf) : [envelopeOf(decoded)];
}

function envelopeOf(decoded: unknown): Envelope {
  if (typeof decoded !== 'object' || decoded === null)
    throw new TypeError('the server has sent something that is no envelope');
  const envelope = decoded as Envelope;
  for (const name of nullable)
    // Many languages write null for absent.
    if ((envelope[name] as unknown) === null) Reflect.deleteProperty(envelope, name);
  return envelope;
}
