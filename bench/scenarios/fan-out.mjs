// Broadcast: every connection is in one room; `window` publishes are outstanding, each of `batch` messages.
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { connections: 1000, window: 4, batch: 1, seconds: 3, warmSeconds: 1.5 };

export async function run({ target, connections, window, batch, seconds, warmSeconds, isDeflating }, sample) {
  let delivered = 0;
  let published = 0;
  let isRunning = false;
  const perPublish = connections * batch;
  const frame = target.dialect.publish(batch);
  const pump = () => {
    while (isRunning && delivered >= (published - window + 1) * perPublish) {
      publisher.socket.write(frame);
      published++;
    }
  };
  const clients = await connectAll(connections, { ...target, isDeflating }, (count) => {
    delivered += count;
    pump();
  });
  const publisher = clients[0];
  for (const client of clients) client.socket.write(target.dialect.join());
  await sleep(300 + connections / 10);
  delivered = 0;
  isRunning = true;
  pump();
  await sleep(warmSeconds * 1000);
  if (delivered === 0) throw new Error('nothing was delivered');
  await sample('start');
  const before = delivered;
  await sleep(seconds * 1000);
  const after = delivered;
  await sample('end');
  isRunning = false;
  return { count: after - before };
}
