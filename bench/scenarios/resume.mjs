// A network cut: all sessions lose their connection at once, miss a few messages, and come back at once.
import { tick } from '../lib/dialects.mjs';
import { forEachClient, sessionClients } from '../lib/session-clients.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { sessions: 10_000, missed: 5, isMemory: false };

/** Several loopback addresses, so that ports last. */
const hostOf = (index) => `127.0.0.${1 + (index % 8)}`;

export async function run({ target, sessions, missed, isMemory }, sample) {
  const { port } = target;
  const Client = sessionClients[target.dialect.isSocketIo ? 'socketIo' : 'json'];
  if (isMemory) await sample('base');
  const publisher = new Client();
  await publisher.connect(port, '127.0.0.1');
  const clients = Array.from({ length: sessions }, () => new Client());
  await forEachClient(clients, async (client, index) => {
    await client.connect(port, hostOf(index));
    client.join();
  });
  await sleep(200);
  publisher.publish(1, tick);
  await Promise.all(clients.map((client) => client.until(1)));
  for (const client of clients) client.cut();
  await sleep(1_000);
  publisher.publish(missed, tick);
  await sleep(1_000);
  if (isMemory) {
    await sample('idle');
    return { count: sessions };
  }
  await sample('start');
  await forEachClient(clients, async (client, index) => {
    await client.connect(port, hostOf(index));
    await client.until(1 + missed);
  });
  await sample('end');
  const lost = clients.filter(({ isRecovered, received }) => !isRecovered || received !== 1 + missed);
  if (lost.length > 0) throw new Error(`${lost.length} sessions did not get what they had missed, once`);
  return { count: sessions };
}
