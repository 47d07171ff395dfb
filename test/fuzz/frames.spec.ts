import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { EngineFixture } from '../support/engine-fixture.js';
import { until } from '../support/session-fixture.js';
import { createRandom, pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';
import { mutate, report, rounds, seed } from './fuzz.js';

/** Frames of one connection: enough that most come after others, and fewer than the pings that may wait. */
const framesEach = 50;
/** Frames take less time than other inputs. */
const frames = Math.max(50_000, rounds);
/** Connections at a time. */
const lanes = 16;
/** Share of frames of a connection that no client may send. */
const oddShares = [0, 0.01, 0.05, 0.3];
/** The ping that a connection ends with: whoever goes on answering answers it. */
const lastPing = Buffer.from('the last of all');
/** What it may say. A code of the peer's own (RFC 6455 section 7.4.2) comes back as it was. */
const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);

interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: Uint8Array;
}

/** As RFC 6455 section 5.2 has it; the shortest form of the length, unless told otherwise. */
function bytesOf(random: Random, frame: Frame, isAnyForm = false): Buffer {
  const { fin, rsv, opcode, isMasked, payload } = frame;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const form = isAnyForm
    ? wholeNumber(random, 3)
    : payload.length < 126
      ? 0
      : payload.length < 65_536
        ? 1
        : 2;
  const header = Buffer.alloc([2, 4, 10][form] as number);
  header[0] = first;
  header[1] = (isMasked ? 0x80 : 0) | ([payload.length & 127, 126, 127][form] as number);
  if (form === 1) header.writeUInt16BE(payload.length & 0xffff, 2);
  if (form === 2) header.writeBigUInt64BE(BigInt(payload.length), 2);
  if (!isMasked) return Buffer.concat([header, payload]);
  const mask = Uint8Array.from({ length: 4 }, () => wholeNumber(random, 256));
  const masked = Buffer.from(payload);
  for (let at = 0; at < masked.length; at++) masked[at]! ^= mask[at & 3]!;
  return Buffer.concat([header, mask, masked]);
}

const texts = [
  '{"event":"echo","data":1,"id":1}',
  '[{"event":"echo"},{"event":"nobody","id":2}]',
  '{"event":"$ping"}',
  '"',
  '{',
  'e30.e30.e30',
];

const blanks = [0, 125, 126, 65_535, 65_536].map((length) => Buffer.alloc(length, 0x20));

/** What a handler, a decoder or the inflater gets to see. */
function payloadOf(random: Random): Uint8Array {
  const text = Buffer.from(pick(random, texts));
  const kind = random();
  if (kind < 0.7) return text;
  if (kind < 0.75) return pick(random, blanks);
  return pick(random, [
    () => mutate(random, text, Buffer.from(pick(random, texts))),
    () => randomBytes(random, 200),
    () => Buffer.from([0xc3, 0x28, 0xf0, 0x9f]),
    () => deflateRawSync(text).subarray(0, -wholeNumber(random, 5) || undefined),
    () => Buffer.from([pick(random, [0, 3, 4, 7, 15]), wholeNumber(random, 256), ...randomBytes(random, 3)]),
  ])();
}

/** Opcodes and flags in an order that the RFC allows: messages in fragments, with control frames in between. */
class Sequence {
  readonly #random: Random;
  readonly #isDeflating: boolean;
  #isInMessage = false;

  constructor(random: Random, isDeflating: boolean) {
    this.#random = random;
    this.#isDeflating = isDeflating;
  }

  next(): Frame {
    const random = this.#random;
    const frame = { fin: true, rsv: 0, isMasked: true };
    if (random() < 0.2) return { ...frame, opcode: pick(random, [9, 10]), payload: randomBytes(random, 125) };
    const text = Buffer.from(pick(random, texts));
    const opcode = this.#isInMessage ? 0 : 1 + Number(random() < 0.2);
    const isStart = !this.#isInMessage;
    const fin = random() < 0.7;
    this.#isInMessage = !fin;
    if (!this.#isDeflating || !isStart || !fin || random() < 0.5)
      return { ...frame, fin, opcode, payload: text };
    // Without the tail of an empty block (RFC 7692 section 7.2.1).
    const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    return { ...frame, rsv: 4, opcode, payload: deflated };
  }

  /** Ends what has begun, and asks whether anybody is there. */
  last(): Buffer {
    const end: Frame = { fin: true, rsv: 0, opcode: 0, isMasked: true, payload: Buffer.alloc(0) };
    const ping = bytesOf(this.#random, { ...end, opcode: 9, payload: lastPing });
    return this.#isInMessage ? Buffer.concat([bytesOf(this.#random, end), ping]) : ping;
  }
}

/** Changes what a client may send into something else. */
function spoilt(random: Random, frame: Frame): Buffer {
  const changes: readonly (() => Partial<Frame>)[] = [
    () => ({ rsv: wholeNumber(random, 8) }),
    () => ({ opcode: wholeNumber(random, 16) }),
    () => ({ isMasked: false }),
    () => ({ fin: !frame.fin }),
    () => ({ payload: payloadOf(random) }),
    () => ({ payload: payloadOf(random), rsv: 4 }),
    () => ({ payload: payloadOf(random), opcode: 8 }),
    () => ({ payload: pick(random, blanks), opcode: pick(random, [1, 9]) }),
  ];
  const bytes = bytesOf(random, { ...frame, ...pick(random, changes)() }, random() < 0.1);
  return random() < 0.2 ? Buffer.from(mutate(random, bytes, bytes)) : bytes;
}

let server: EngineFixture;

afterEach(() => server.stop());

/** Opens a connection, sends, and waits for the end: of what the server says, or for the answer to the last ping. */
async function exchange(bytes: Buffer, isDeflating: boolean, isOrderly: boolean): Promise<Buffer> {
  const { hostname, port } = new URL(server.url);
  const socket: Socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  socket.on('data', (data) => {
    received.push(data);
    if (isOrderly && Buffer.concat(received.slice(-2)).includes(lastPing)) socket.end();
  });
  // The server may be gone before all of it is sent.
  socket.on('error', () => undefined);
  socket.write(
    [
      'GET / HTTP/1.1',
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...(isDeflating ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []),
      '\r\n',
    ].join('\r\n'),
  );
  // Of the others some wait for bytes that will never come.
  if (isOrderly) socket.write(bytes);
  else socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(received);
}

/** Codes of the close frames among what the server has sent. */
function closesIn(received: Buffer): number[] {
  let at = received.indexOf('\r\n\r\n') + 4;
  const closes: number[] = [];
  while (at + 2 <= received.length) {
    const [first, second] = [received[at] as number, received[at + 1] as number];
    let length = second & 127;
    let start = at + 2;
    if (length === 126) [length, start] = [received.readUInt16BE(start), start + 2];
    else if (length === 127) [length, start] = [Number(received.readBigUInt64BE(start)), start + 8];
    if ((first & 15) === 8) closes.push(length >= 2 ? received.readUInt16BE(start) : 1005);
    at = start + length;
  }
  return closes;
}

/** One connection with all of its frames. @returns the close codes that the server has sent */
async function converse(source: number): Promise<number[]> {
  const random = createRandom(source);
  const [oddShare, isDeflating] = [pick(random, oddShares), random() < 0.5];
  const sequence = new Sequence(random, isDeflating);
  const sent = Array.from({ length: framesEach }, () => {
    const frame = sequence.next();
    return random() < oddShare ? spoilt(random, frame) : bytesOf(random, frame);
  });
  const isOrderly = oddShare === 0;
  const received = await exchange(Buffer.concat([...sent, sequence.last()]), isDeflating, isOrderly);
  const codes = closesIn(received);
  if (codes.some((code) => !isCloseCode(code))) throw new Error(`closed with ${codes.join()}`);
  if (isOrderly && !received.includes(lastPing)) throw new Error(`closed with ${codes.join()} for nothing`);
  return codes;
}

it('survives frames that no client may send, closes with a code for each, and goes on with others', async () => {
  server = await EngineFixture.start({
    options: { compression: true, limits: { maxPayloadBytes: 65_536 } },
    handlers: { echo: (data) => data },
  });
  const since = Date.now();
  const before = process.memoryUsage().rss;
  const seen = new Map<number, number>();
  let next = seed;
  const lane = async (): Promise<void> => {
    while (next < seed + frames) {
      const source = next;
      next += framesEach;
      const codes = await converse(source).catch((error: unknown) => {
        throw new Error(`GATEWIRE_SEED=${source} fails`, { cause: error });
      });
      for (const code of codes) seen.set(code, (seen.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  report(frames, since);
  // Each kind of violation was among them.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([1002, 1007, 1009]));
  const client = await server.connect();
  await expect(client.ask('echo', 'still here')).resolves.toMatchObject({ data: 'still here' });
  client.terminate();
  // The server may still read what those that went away last had sent.
  await until(() => server.endpoint.connections.size === 0);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
}, 3_600_000);
