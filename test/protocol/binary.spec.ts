import { decodeEnvelope, encodeEnvelope, type Envelope } from '../../lib/protocol/index.js';
import { hasBinary } from '../../lib/protocol/binary-data.js';

function throughTheWire(data: unknown): unknown {
  return (decodeEnvelope(encodeEnvelope({ event: 'file', data })) as Envelope).data;
}

const bytes = Uint8Array.of(1, 2, 3, 4);

describe('bytes in an envelope', () => {
  it.each([
    ['a Uint8Array', bytes],
    ['a Buffer', Buffer.from(bytes)],
    ['an ArrayBuffer', bytes.buffer],
    ['a DataView', new DataView(bytes.buffer)],
    ['a part of a buffer', Uint8Array.of(0, 1, 2, 3, 4, 5).subarray(1, 5)],
    ['numbers of two bytes', new Uint16Array(bytes.buffer)],
  ])('arrive when they were %s', (_name, data) => {
    expect(hasBinary(data)).toBe(true);
    expect(Array.from(throughTheWire(data) as Uint8Array)).toEqual([1, 2, 3, 4]);
    expect(Array.from((throughTheWire({ data }) as { data: Uint8Array }).data)).toEqual([1, 2, 3, 4]);
  });

  it('are views on the frame, of its own kind', () => {
    const frame = Buffer.from(encodeEnvelope({ event: 'file', data: { a: bytes } }) as Uint8Array);
    const { a } = (decodeEnvelope(frame) as Envelope).data as { a: Buffer };
    expect(Buffer.isBuffer(a)).toBe(true);
    expect(a.buffer).toBe(frame.buffer);
  });

  it('may be in a frame that is a part of a larger buffer', () => {
    const frame = encodeEnvelope({ event: 'file', data: bytes }) as Uint8Array;
    const larger = new Uint8Array(frame.length + 20);
    larger.set(frame, 7);
    expect((decodeEnvelope(larger.subarray(7, 7 + frame.length)) as Envelope).data).toEqual(bytes);
  });

  it.each([
    ['null', null],
    ['text', 'a'],
    ['an object', { a: 1 }],
    ['bytes further down', { a: { b: bytes } }],
    ['an object that says itself how it becomes JSON', { a: bytes, toJSON: () => ({}) }],
    ['inherited bytes', Object.create({ a: bytes }) as object],
  ])('are not seen in %s', (_name, data) => {
    expect(hasBinary(data)).toBe(false);
    expect(typeof encodeEnvelope({ event: 'file', data })).toBe('string');
  });

  it('cannot stand beside 16 MiB of JSON', () => {
    const data = { a: bytes, b: 'b'.repeat(2 ** 24) };
    expect(() => encodeEnvelope({ event: 'file', data })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
  });
});
