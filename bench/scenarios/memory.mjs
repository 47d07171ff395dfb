// Memory of a connection that does nothing, after garbage collection: with `connections`, less without.
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { connections: 3000 };

export async function run({ target, connections }, sample) {
  await sample('base');
  const clients = await connectAll(connections, target, () => undefined);
  await sleep(1500);
  await sample('idle');
  if (clients.some((client) => client.isClosed)) throw new Error('a connection was closed');
  return { count: connections };
}
