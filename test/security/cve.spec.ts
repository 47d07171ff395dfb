/**
 * The causes of vulnerabilities that WebSocket libraries for Node have had, tried on a server of gatewire over real
 * sockets. Each test says the cause; that another client is served afterwards says that the process has lived on.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeEnvelope, type Envelope } from '../../lib/protocol/index.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { rawUpgrade } from '../support/raw-upgrade.js';

let fixture: EngineFixture;
let last: unknown;

beforeEach(async () => {
  last = undefined;
  fixture = await EngineFixture.start({
    handlers: {
      echo: (data) => data,
      keep: (data) => {
        last = data;
        return 'kept';
      },
      part: (data, { connection }) => {
        connection.close(1000, reasons[data as number] as string);
      },
    },
  });
});

afterEach(async () => {
  const client = await fixture.connect();
  expect(await client.ask('echo', 'alive')).toEqual({ id: 1, data: 'alive' });
  await fixture.stop();
});

/** What code without types may give for a reason. */
const reasons: unknown[] = [
  new Float32Array(20),
  new Uint8Array(200),
  new ArrayBuffer(64),
  42,
  { length: 100 },
  Buffer.from('bye'),
];

/** One frame of a client, masked with zeros. */
const frame = (opcode: number, payload: string, isLast: boolean): Buffer =>
  Buffer.concat([
    Buffer.of((isLast ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0),
    Buffer.from(payload),
  ]);

const binaryFrame = (header: string, raw: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, Buffer.from(header), raw]);
};

async function answerOf(socket: Socket): Promise<Buffer> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes;
}

describe('CVE-2024-37890, ws: a request with more headers than Node keeps loses its Upgrade header, which was read unchecked', () => {
  const upgrade = (extra: string[], place: 'before' | 'after'): string => {
    const own = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const headers = place === 'before' ? [...extra, ...own] : [...own, ...extra];
    return ['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
  };

  it.each(['before', 'after'] as const)('answers when they come %s those of the upgrade', async (place) => {
    // Node keeps 2000, and reads 16 KiB.
    for (const count of [1990, 2000, 2500]) {
      const { hostname, port } = new URL(fixture.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.write(upgrade(Array<string>(count).fill('a: b'), place));
      const status = await Promise.race([
        answerOf(socket).then((bytes) => bytes.toString('latin1', 0, 12)),
        closed,
      ]);
      // Node 20 leaves out what is beyond; newer ones refuse the request with 431.
      expect(String(status)).toMatch(/^HTTP\/1.1 (101|[245]\d\d)/);
      socket.destroy();
    }
  });
});

describe('CVE-2026-48779, ws: a message in countless tiny fragments or chunks keeps an object for each, far more than its bytes', () => {
  const sendFragments = async (count: number, payload: string): Promise<Buffer> => {
    const socket = await rawUpgrade(fixture.url);
    const text = JSON.stringify({ event: 'echo', id: 1, data: 'ok' });
    const frames = Array.from({ length: count - 1 }, (_, at) => frame(at === 0 ? 1 : 0, payload, false));
    const answer = answerOf(socket);
    socket.write(Buffer.concat([...frames, frame(0, text, true)]));
    const bytes = await answer;
    socket.destroy();
    return bytes;
  };

  it.each([
    ['of a byte', ' '],
    ['of nothing', ''],
  ])('takes 1024 fragments %s, and closes at one more with 1008', async (_what, payload) => {
    expect((await sendFragments(1024, payload)).toString('latin1')).toContain('"data":"ok"');
    const closed = await sendFragments(1025, payload);
    expect(closed[0]).toBe(0x88);
    expect(closed.readUInt16BE(2)).toBe(1008);
  });
});

describe('CVE-2026-45736, ws: a close reason that is a typed array was measured in another unit than it was written, so memory leaked to the peer', () => {
  it.each([0, 1, 2, 3, 4, 5])('sends only what the reason says: %d', async (at) => {
    const client = await fixture.connect();
    client.send({ event: 'part', data: at });
    const { code, reason } = await client.closed;
    expect(code).toBe(1000);
    expect(String(reasons[at])).toContain(reason);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});

describe('CVE-2026-33151, socket.io-parser: a packet announces any number of attachments, and is kept until all have come', () => {
  it('waits for no further frame: bytes travel in the frame that refers to them, or it is refused', async () => {
    const client = await fixture.connect();
    const announced = Array.from({ length: 10_000 }, (_, at) => ({ $bytes: [at, at + 1] }));
    client.send(binaryFrame(JSON.stringify({ event: 'keep', id: 1, data: announced }), Buffer.alloc(9999)));
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_ENVELOPE' } });
    // Nor does a text frame announce anything: it is data like any other.
    client.send({ event: 'keep', id: 2, data: { _placeholder: true, num: 0 } });
    expect(await client.nextJson()).toEqual({ id: 2, data: 'kept' });
    client.send(Buffer.of(0, 0, 0, 2));
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'UNDECODABLE' } });
    expect(last).toEqual({ _placeholder: true, num: 0 });
  });

  it('makes no copy of bytes that a frame refers to many times', async () => {
    const client = await fixture.connect();
    const raw = Buffer.alloc(500_000, 7);
    const data = Array.from({ length: 10_000 }, () => ({ $bytes: [0, raw.length] }));
    const before = process.memoryUsage();
    client.send(binaryFrame(JSON.stringify({ event: 'keep', id: 1, data }), raw));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'kept' });
    const growth = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    // 10,000 copies would be 5 GB.
    expect(growth).toBeLessThan(50_000_000);
    expect(last).toHaveLength(10_000);
  });
});

describe('CVE-2023-32695, socket.io-parser: an event name that is no string reaches code that calls its methods, and the exception ends the process', () => {
  it.each([
    '{"event":{"toString":"x"},"id":1}',
    '{"event":{"toString":null,"valueOf":null}}',
    '{"event":["x"],"id":1}',
    '{"event":5}',
    '{"event":true,"id":1}',
    '{"event":"hasOwnProperty","id":1}',
    '{"event":"__proto__","id":1}',
    '{"event":"constructor","data":{"hasOwnProperty":1},"id":1}',
    '{"event":"toString"}',
    '{"event":"echo","id":{"toString":"x"}}',
    '{"event":"echo","meta":{"toString":"x","hasOwnProperty":1},"data":"","id":""}',
    '{"id":"__proto__","data":1}',
    '{"id":"constructor","error":{"code":"X","message":{"toString":1}}}',
    '{"event":"$subscribe","data":{"room":{"toString":"x"}},"id":1}',
    '{"event":"$publish","data":{"room":"r","event":{"toString":"x"}},"id":1}',
    '{"event":"$cancel","id":"__proto__"}',
    '[{"event":"echo","id":1},{"event":{"toString":"x"},"id":2}]',
    '["hasOwnProperty"]',
    '[null]',
    '"\\u0000"',
  ])('answers %s with an error, or not at all', async (text) => {
    const client = await fixture.connect();
    client.send(text);
    client.send({ event: 'echo', data: 'still here', id: 99 });
    const answers: Record<string, unknown>[] = [];
    while (answers.at(-1)?.['id'] !== 99) answers.push(await client.nextJson());
    // Events of the application are not looked up on Object.prototype, and nothing but errors comes back.
    for (const answer of answers.slice(0, -1)) {
      if (answer['event'] === 'exception') expect(answer['data']).toMatchObject({ status: 'error' });
      else expect(answer['error']).toMatchObject({ code: expect.any(String) });
    }
    expect(answers.at(-1)).toEqual({ id: 99, data: 'still here' });
  });
});

describe('CVE-2022-2421, socket.io-parser: a placeholder for bytes says any property of the array of attachments, functions too', () => {
  const refusedRanges: unknown[] = [
    'splice',
    '__proto__',
    'constructor',
    ['splice', 'length'],
    ['0', '1'],
    [0, 1, 2],
    [0],
    [-1, 1],
    [0, 0.5],
    [0, 99],
    [1, 0],
    [{}, {}],
    null,
    true,
    0,
  ];

  it.each(refusedRanges.map((range) => JSON.stringify(range)))('refuses a range %s', async (range) => {
    const client = await fixture.connect();
    client.send(binaryFrame(`{"event":"keep","id":1,"data":{"a":{"$bytes":${range}}}}`, Buffer.of(1, 2)));
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_ENVELOPE' } });
    expect(last).toBeUndefined();
  });

  it('puts nothing but bytes in the place of a range, as properties of the data itself', async () => {
    const client = await fixture.connect();
    const header =
      '{"event":"keep","id":1,"data":{"__proto__":{"$bytes":[0,1]},"constructor":{"$bytes":[1,2]}}}';
    client.send(binaryFrame(header, Buffer.of(1, 2)));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'kept' });
    expect(Object.keys(last as object)).toEqual(['__proto__', 'constructor']);
    for (const key of ['__proto__', 'constructor']) {
      const { value } = Object.getOwnPropertyDescriptor(last, key) as { value: unknown };
      expect(Buffer.isBuffer(value)).toBe(true);
    }
    expect(({} as { $bytes?: unknown }).$bytes).toBeUndefined();
  });

  it('gives data back that only looks like a placeholder', async () => {
    const client = await fixture.connect();
    const envelope: Envelope = { event: 'keep', id: 1, data: { a: { $bytes: 'splice' }, b: Buffer.of(1) } };
    client.send(Buffer.from(encodeEnvelope(envelope) as Uint8Array));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'kept' });
    expect(last).toEqual({ a: { $bytes: 'splice' }, b: Buffer.of(1) });
  });
});
