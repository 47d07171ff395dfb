// Request and reply with ids that never come again, as in a session, where each is handled once. The same load with and
// without a session; with one, every 64th reply is acknowledged.
import { item } from '../lib/dialects.mjs';
import { maskedFrame } from '../lib/masked-frame.mjs';
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { connections: 50, window: 32, burst: 16, seconds: 3, warmSeconds: 1.5 };

const mask = [0x5a, 0x17, 0xc3, 0x99];
const digits = 8;
const ackEvery = 64;

/** A frame whose number is written into its place each time, masked. */
class NumberedFrame {
  bytes;
  #at;

  /** @param textOf makes the text with a number of eight digits */
  constructor(textOf) {
    const text = textOf(10_000_000);
    this.bytes = maskedFrame(text);
    this.#at = this.bytes.length - text.length + text.indexOf('10000000');
    this.start = this.bytes.length - text.length;
  }

  write(target, offset, number) {
    this.bytes.copy(target, offset);
    let rest = number;
    for (let i = digits - 1; i >= 0; i--) {
      const at = this.#at + i;
      target[offset + at] = (48 + (rest % 10)) ^ mask[(at - this.start) & 3];
      rest = Math.floor(rest / 10);
    }
  }
}

const echo = new NumberedFrame((id) => JSON.stringify({ event: 'echo', data: item, id }));

export async function run(
  { target, connections, window, burst, seconds, warmSeconds, client: kind },
  sample,
) {
  const isSession = kind === 'session';
  const offers = isSession ? 'gatewire.v1.json, gatewire.session' : 'gatewire.v1.json';
  let replies = 0;
  let isGreeted = !isSession;
  const ask = (client, count) => {
    if (isSession && client.seq - client.acked >= ackEvery) {
      client.acked = client.seq;
      client.socket.write(maskedFrame(JSON.stringify({ event: '$ack', ack: client.seq })));
    }
    const bytes = Buffer.allocUnsafe(count * echo.bytes.length);
    for (let i = 0; i < count; i++) echo.write(bytes, i * echo.bytes.length, client.lastId++);
    client.socket.write(bytes);
  };
  const clients = await connectAll(connections, { ...target, offers }, (count, client) => {
    if (!isGreeted) return;
    replies += count;
    client.seq += count;
    client.pending += count;
    if (client.pending < burst) return;
    ask(client, client.pending);
    client.pending = 0;
  });
  for (const client of clients) Object.assign(client, { seq: 0, acked: 0, lastId: 10_000_000 });
  if (isSession) {
    const hello = maskedFrame(JSON.stringify({ event: '$hello', id: 0, data: {} }));
    for (const client of clients) client.socket.write(hello);
    await sleep(500);
    isGreeted = true;
  }
  for (const client of clients) ask(client, window);
  await sleep(warmSeconds * 1000);
  await sample('start');
  const before = replies;
  await sleep(seconds * 1000);
  const after = replies;
  await sample('end');
  return { count: after - before };
}
