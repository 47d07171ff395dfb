import { DataPaths, insidePath, type PathPosition } from '../../../exchange/data/data-path.js';
import { encodeRecorded } from '../../../exchange/recording/recorded-value.js';
import { isBinary, toUint8Array } from '../../../protocol/binary-data.js';
import type { Envelope } from '../../../protocol/envelope.js';
import { contentEncodings } from '../compression/content-encoding.js';

/** Compressed data that is longer than this is not looked into: it is inflated on the way of the message. */
const mostInflatedBytes = 1_048_576;

/** Never written: they open something. */
const secretMeta = ['token'];

/** What is written of an envelope, as JSON: decoded, inflated and redacted. */
export function recordedEnvelope(envelope: Envelope, redacted: DataPaths | undefined): string {
  const { event, id, error, more, done, room, offset, epoch } = envelope;
  const start = redacted?.start;
  const { data, meta, isOpaque } = inflated(envelope);
  const at = start && DataPaths.step(start, 'data');
  return JSON.stringify({
    event,
    id,
    // What cannot be looked into cannot be redacted either.
    data:
      isOpaque && redacted !== undefined
        ? encodeRecorded(undefined, insidePath)
        : event === '$publish'
          ? recordedPublication(data, at)
          : encodeRecorded(data, at),
    meta: encodeRecorded(withoutSecrets(meta), start && DataPaths.step(start, 'meta')),
    error: encodeRecorded(error, start && DataPaths.step(start, 'error')),
    more,
    done,
    room,
    offset,
    epoch,
  });
}

interface Inflated {
  readonly data: unknown;
  readonly meta: Envelope['meta'] | undefined;
  /** It is compressed, and stays so. */
  readonly isOpaque: boolean;
}

function inflated({ data, meta }: Envelope): Inflated {
  if (typeof meta?.['encoding'] !== 'string' || !isBinary(data)) return { data, meta, isOpaque: false };
  const { encoding, ...rest } = meta as Record<string, unknown> & { encoding: string };
  try {
    const text = contentEncodings.get(encoding)?.inflate(toUint8Array(data), mostInflatedBytes);
    if (text !== undefined)
      return { data: JSON.parse(text.toString()) as unknown, meta: rest, isOpaque: false };
  } catch {
    // Not compressed, or too long: it is recorded as it is, where that gives nothing away.
  }
  return { data, meta, isOpaque: true };
}

/** The paths are about what is published, as if it were sent without its room, and about the whole. */
function recordedPublication(data: unknown, at: PathPosition | undefined): unknown {
  if (at === undefined || at === insidePath || typeof data !== 'object' || data === null)
    return encodeRecorded(data, at);
  const { data: published, ...rest } = data as { data?: unknown };
  const inside = DataPaths.step(at, 'data');
  return {
    ...(encodeRecorded(rest, at) as object),
    data: encodeRecorded(published, inside === insidePath ? inside : [...at, ...(inside ?? [])]),
  };
}

function withoutSecrets(meta: Inflated['meta']): Inflated['meta'] {
  if (meta === undefined || !secretMeta.some((name) => Object.hasOwn(meta, name))) return meta;
  const rest = Object.entries(meta).filter(([name]) => !secretMeta.includes(name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
