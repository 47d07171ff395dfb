import { CodecTable } from '../../lib/protocol/codec-table.js';
import { decodeWith } from '../../lib/protocol/decode-with.js';
import {
  checkDecoded,
  type Codec,
  decodeDefaults,
  ErrorCode,
  json,
  ProtocolError,
  raw,
  selectSubprotocol,
  subprotocolRefusal,
} from '../../lib/protocol/index.js';

const custom = (name: string, decode: Codec['decode'] = () => ({ event: 'x' })): Codec => ({
  name,
  isBinary: true,
  encode: () => new Uint8Array(),
  decode,
});

describe('CodecTable', () => {
  const table = new CodecTable([json(), custom('msgpack')]);

  it('gives a connection the codec of its subprotocol, and JSON without one', () => {
    expect(table.of('gatewire.v1.msgpack').name).toBe('msgpack');
    expect(table.of('gatewire.v1.json').name).toBe('json');
    for (const protocol of ['', 'gatewire.plain', 'chat', 'gatewire.v1.cbor'])
      expect(table.of(protocol)).toBe(table.plain);
    expect(table.plain.name).toBe('json');
    expect(table.all.map(({ name }) => name)).toEqual(['json', 'msgpack']);
  });

  it.each<[string[], string | false]>([
    [['gatewire.v1.msgpack', 'gatewire.v1.json'], 'gatewire.v1.msgpack'],
    [['gatewire.v1.cbor', 'gatewire.v1.json', 'gatewire.v1.msgpack'], 'gatewire.v1.json'],
    [['gatewire.v1.cbor'], false],
    [['gatewire.v1.cbor', 'chat'], 'chat'],
    [['gatewire.plain', 'gatewire.v1.msgpack'], 'gatewire.plain'],
  ])('of %j selects %j: the first that is configured, in the order of the client', (offered, selected) => {
    expect(selectSubprotocol(offered, table.subprotocols)).toBe(selected);
    expect(subprotocolRefusal(offered, table.subprotocols) === undefined).toBe(selected !== false);
  });

  it('says in a refusal what is configured', () => {
    expect(subprotocolRefusal(['gatewire.v1.cbor'], table.subprotocols)).toContain('gatewire.v1.msgpack');
  });

  it('keeps JSON for plain connections where it cannot be negotiated', () => {
    const only = new CodecTable([custom('msgpack')]);
    expect(only.plain.name).toBe('json');
    expect(selectSubprotocol(['gatewire.v1.json'], only.subprotocols)).toBe(false);
  });

  it('gives every connection the codec of a whole endpoint', () => {
    const whole = new CodecTable([raw()]);
    for (const protocol of ['', 'gatewire.v1.json', 'chat']) expect(whole.of(protocol).name).toBe('raw');
    expect(whole.subprotocols).toEqual(['gatewire.plain']);
  });

  it.each<[string, Codec[]]>([
    ['none', []],
    ['two of a name', [json(), json()]],
    ['a name that is no token', [custom('my codec')]],
    ['a name too long', [custom('x'.repeat(33))]],
    ['a name with a dot', [custom('bearer.x')]],
    ['raw beside others', [json(), raw()]],
  ])('refuses %s, naming the option', (_what, codecs) => {
    expect(() => new CodecTable(codecs)).toThrow('gatewire option "codecs"');
  });
});

describe('raw', () => {
  it('makes every frame one event, its data the payload', () => {
    const codec = raw({ event: 'bytes' });
    const payload = Buffer.from([1, 2, 3]);
    expect(codec.decode(payload, decodeDefaults)).toEqual({ event: 'bytes', data: payload });
    expect(codec.decode('{"event":"other"}', decodeDefaults)).toEqual({
      event: 'bytes',
      data: '{"event":"other"}',
    });
  });

  it.each<[unknown, string | Uint8Array]>([
    [Buffer.from([1, 2]), Uint8Array.of(1, 2)],
    [Uint8Array.of(7).buffer, Uint8Array.of(7)],
    ['text', 'text'],
    [{ a: 1 }, '{"a":1}'],
    [undefined, 'null'],
  ])('writes %j as it is', (data, payload) => {
    const written = raw().encode({ event: 'any', data });
    expect(typeof written === 'string' ? written : Uint8Array.from(written)).toEqual(payload);
  });

  it('writes an error as JSON', () => {
    expect(raw().encode({ id: 1, error: { code: 'X', message: 'y' } })).toBe('{"code":"X","message":"y"}');
  });

  it.each(['', '$hello', 'x'.repeat(129)])('refuses %j as an event', (event) => {
    expect(() => raw({ event })).toThrow('gatewire option "event"');
  });
});

describe('decodeWith', () => {
  it('reads text as JSON for a binary codec', () => {
    expect(decodeWith(custom('b'), '{"event":"e","id":1}', decodeDefaults)).toEqual({ event: 'e', id: 1 });
  });

  it('makes whatever a codec throws UNDECODABLE, without what it says', () => {
    const codec = custom('b', () => {
      throw new Error('secret of the peer');
    });
    expect(() => decodeWith(codec, Uint8Array.of(1), decodeDefaults)).toThrow(
      new ProtocolError(ErrorCode.Undecodable, 'the frame is not b'),
    );
  });

  it('hands on the refusals of a codec', () => {
    const codec = custom('b', (_frame, limits) => checkDecoded({ data: 1 }, limits));
    expect(() => decodeWith(codec, Uint8Array.of(1), decodeDefaults)).toThrow(
      expect.objectContaining({ code: 'BAD_ENVELOPE' }),
    );
  });
});

describe('checkDecoded', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  it('takes nesting up to the limit and no more', () => {
    // The envelope is the first level.
    expect(checkDecoded({ event: 'e', data: nested(63) })).toMatchObject({ event: 'e' });
    expect(() => checkDecoded({ event: 'e', data: nested(64) })).toThrow(
      expect.objectContaining({ code: 'TOO_DEEP' }),
    );
    expect(checkDecoded({ event: 'e', data: nested(64) }, { jsonDepth: Infinity })).toMatchObject({
      event: 'e',
    });
  });

  it('does not look into bytes', () => {
    expect(checkDecoded({ event: 'e', data: new Uint8Array(4) }, { jsonDepth: 1 })).toMatchObject({
      event: 'e',
    });
  });

  it('refuses a batch that is too large or empty', () => {
    expect(() => checkDecoded([])).toThrow(expect.objectContaining({ code: 'BAD_ENVELOPE' }));
    expect(() => checkDecoded(Array.from({ length: 257 }, () => ({ event: 'e' })))).toThrow(
      expect.objectContaining({ code: 'BATCH_TOO_LARGE' }),
    );
  });
});
