import { readFileSync } from 'node:fs';
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
  type MessageId,
  ProtocolError,
} from '../../lib/protocol/index.js';

interface Vector {
  readonly name: string;
  readonly direction: 'both' | 'decode';
  readonly frame: { readonly text?: string; readonly base64?: string };
  readonly envelope?: unknown;
  readonly error?: { readonly code: string; readonly ids: readonly MessageId[] };
}

const { vectors } = JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};

function frameOf({ frame }: Vector): string | Uint8Array {
  return frame.text ?? Uint8Array.from(Buffer.from(frame.base64 ?? '', 'base64'));
}

/** Bytes become what stands for them in the file. */
function portable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, portable(one)]));
}

function native(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(native);
  if (typeof value !== 'object' || value === null) return value;
  if ('$base64' in value) return Uint8Array.from(Buffer.from(String(value.$base64), 'base64'));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, native(one)]));
}

function refusal(frame: string | Uint8Array): { code: string; ids: readonly MessageId[] } | undefined {
  try {
    decodeEnvelope(frame);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, ids: error.ids };
  }
}

describe('the vectors of the protocol', () => {
  it.each(vectors.filter(({ error }) => error === undefined).map((vector) => [vector.name, vector] as const))(
    'reads: %s',
    (_name, vector) => expect(portable(decodeEnvelope(frameOf(vector)))).toEqual(vector.envelope),
  );

  it.each(
    vectors.filter(({ direction }) => direction === 'both').map((vector) => [vector.name, vector] as const),
  )('writes: %s', (_name, vector) =>
    expect(encodeEnvelope(native(vector.envelope) as Envelope)).toEqual(frameOf(vector)),
  );

  it.each(vectors.filter(({ error }) => error !== undefined).map((vector) => [vector.name, vector] as const))(
    'refuses: %s',
    (_name, vector) => expect(refusal(frameOf(vector))).toEqual(vector.error),
  );

  it('have names of their own', () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });
});
