// Request and reply with ids that come again only when a session has long forgotten them, as in one each is handled once. The
// same load with and without a session; with one, every 64th reply is acknowledged.
import { maskedFrame } from '../lib/masked-frame.mjs';
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { connections: 50, window: 32, burst: 16, seconds: 3, warmSeconds: 1.5 };

/** Twice what a session remembers by default. */
const ids = 4_096;
const ackEvery = 64;
const ackOf = (number) => maskedFrame(JSON.stringify({ event: '$ack', ack: number }));

export async function run(
  { target, connections, window, burst, seconds, warmSeconds, client: kind },
  sample,
) {
  const isSession = kind === 'session';
  const frames = Array.from({ length: ids + window }, (_, i) => target.dialect.echo(10_000 + (i % ids)));
  const frameBytes = frames[0].length;
  const all = Buffer.concat(frames);
  let replies = 0;
  let isGreeted = !isSession;
  const ask = (client, count) => {
    if (isSession && client.seq - client.acked >= ackEvery)
      client.socket.write(ackOf((client.acked = client.seq)));
    for (let left = count; left > 0; left -= window) {
      const start = client.next * frameBytes;
      const asked = Math.min(left, window);
      client.socket.write(all.subarray(start, start + asked * frameBytes));
      client.next = (client.next + asked) % ids;
    }
  };
  const offers = isSession ? 'gatewire.v1.json, gatewire.session' : 'gatewire.v1.json';
  const clients = await connectAll(connections, { ...target, offers }, (count, client) => {
    if (!isGreeted) return;
    replies += count;
    client.seq += count;
    client.pending += count;
    if (client.pending < burst) return;
    ask(client, client.pending);
    client.pending = 0;
  });
  for (const client of clients) Object.assign(client, { seq: 0, acked: 0, next: 0 });
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
