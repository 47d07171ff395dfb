// Request and reply: each connection keeps `window` requests outstanding and refills once `burst` replies are in.
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { connections: 50, window: 32, burst: 16, seconds: 3, warmSeconds: 1.5 };

export async function run({ target, connections, window, burst, seconds, warmSeconds }, sample) {
  const requests = Array.from({ length: window }, (_, i) => target.dialect.echo(10_000 + i));
  const frameBytes = requests[0].length;
  const all = Buffer.concat(requests);
  let replies = 0;
  const clients = await connectAll(connections, target, (count, client) => {
    replies += count;
    client.pending += count;
    if (client.pending < burst) return;
    for (let left = client.pending; left > 0; left -= window) {
      client.socket.write(all.subarray(0, Math.min(left, window) * frameBytes));
    }
    client.pending = 0;
  });
  for (const client of clients) client.socket.write(all);
  await sleep(warmSeconds * 1000);
  await sample('start');
  const before = replies;
  await sleep(seconds * 1000);
  const after = replies;
  await sample('end');
  return { count: after - before };
}
