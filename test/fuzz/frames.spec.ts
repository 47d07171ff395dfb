import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { EngineFixture } from '../support/engine-fixture.js';
import { createRandom, pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';
import { mutate, report, rounds, seed } from './fuzz.js';

/** Frames of one connection: enough that some come after one that was survived. */
const framesEach = 20;
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
function bytesOf(random: Random, { fin, rsv, opcode, isMasked, payload }: Frame): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const form =
    random() < 0.03 ? wholeNumber(random, 3) : payload.length < 126 ? 0 : payload.length < 65_536 ? 1 : 2;
  const header = Buffer.alloc([2, 4, 10][form] as number);
  header[0] = first;
  header[1] = (isMasked ? 0x80 : 0) | ([payload.length & 127, 126, 127][form] as number);
  if (form === 1) header.writeUInt16BE(payload.length & 0xffff, 2);
  if (form === 2) header.writeBigUInt64BE(BigInt(payload.length), 2);
  if (!isMasked) return Buffer.concat([header, payload]);
  const mask = Buffer.from(Array.from({ length: 4 }, () => wholeNumber(random, 256)));
  return Buffer.concat([
    header,
    mask,
    Buffer.from(payload.map((byte, at) => byte ^ (mask[at & 3] as number))),
  ]);
}

const texts = [
  '{"event":"echo","data":1,"id":1}',
  '[{"event":"echo"},{"event":"nobody","id":2}]',
  '{"event":"$ping"}',
  '"',
  '{',
  'e30.e30.e30',
];

function payloadOf(random: Random): Uint8Array {
  const text = Buffer.from(pick(random, texts));
  return pick(random, [
    () => text,
    () => mutate(random, text, Buffer.from(pick(random, texts))),
    () => randomBytes(random, 200),
    () => Buffer.from([0xc3, 0x28, 0xf0, 0x9f]),
    () => deflateRawSync(text).subarray(0, -wholeNumber(random, 5) || undefined),
    () => Buffer.alloc(pick(random, [0, 125, 126, 65_535, 65_536]), 0x20),
    () => Buffer.from([pick(random, [0, 3, 4, 7, 15]), wholeNumber(random, 256), ...randomBytes(random, 3)]),
  ])();
}

/** What a client could send, mostly; sometimes with something of it that no client may. */
function frameOf(random: Random): Buffer {
  const isOdd = (): boolean => random() < 0.04;
  const frame: Frame = {
    fin: random() < 0.85,
    rsv: isOdd() ? wholeNumber(random, 8) : random() < 0.1 ? 4 : 0,
    opcode: isOdd()
      ? wholeNumber(random, 16)
      : pick(random, [0, 1, 1, 1, 2, 9, 10, ...(random() < 0.1 ? [8] : [])]),
    isMasked: !isOdd(),
    payload: payloadOf(random),
  };
  const bytes = bytesOf(random, frame);
  return isOdd() ? Buffer.from(mutate(random, bytes, bytes)) : bytes;
}

let server: EngineFixture;

afterEach(() => server.stop());

/** Opens a connection, sends, says that nothing more comes, and waits for the end. */
async function exchange(frames: readonly Buffer[], isDeflating: boolean): Promise<Buffer> {
  const { hostname, port } = new URL(server.url);
  const socket: Socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  socket.on('data', (data) => received.push(data));
  // The server may be gone before all of it is sent.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
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
  socket.end(Buffer.concat(frames));
  if (!socket.closed) await once(socket, 'close');
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

it('survives frames that no client may send, closes with a code for each, and goes on with others', async () => {
  server = await EngineFixture.start({
    options: { compression: true, limits: { maxPayloadBytes: 65_536 } },
    handlers: { echo: (data) => data },
  });
  const since = Date.now();
  const before = process.memoryUsage().rss;
  const seen = new Map<number, number>();
  for (let round = 0; round < rounds; round += framesEach) {
    const random = createRandom(seed + round);
    const frames = Array.from({ length: framesEach }, () => frameOf(random));
    for (const code of closesIn(await exchange(frames, random() < 0.5))) {
      seen.set(code, (seen.get(code) ?? 0) + 1);
      if (!isCloseCode(code)) throw new Error(`closed with ${code}, seed ${seed + round}`);
    }
  }
  report(rounds, since);
  // Each kind of violation was among them.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([1002, 1007, 1009]));
  const client = await server.connect();
  await expect(client.ask('echo', 'still here')).resolves.toMatchObject({ data: 'still here' });
  client.terminate();
  expect(server.endpoint.connections.size).toBeLessThanOrEqual(1);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
}, 3_600_000);
