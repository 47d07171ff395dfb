// One client library in a closed loop: `window` requests outstanding, the next as soon as one is answered.
import { item } from '../lib/dialects.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { window: 32, seconds: 3, warmSeconds: 1.5 };

/**
 * Opens a client; gives what sends one request and calls back with the answer. Each imports what it needs and nothing else:
 * with socket.io-client in the same process ours takes a fifth longer, in the garbage collector.
 */
const clients = {
  /** What one would write by hand: an id, a map, JSON. */
  async ws(port) {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    const waiting = new Map();
    let lastId = 0;
    socket.on('message', (text) => {
      const { id, data } = JSON.parse(text);
      const answered = waiting.get(id);
      waiting.delete(id);
      answered(data);
    });
    await new Promise((resolve) => socket.on('open', resolve));
    return (answered) => {
      waiting.set(++lastId, answered);
      socket.send(JSON.stringify({ event: 'echo', data: item, id: lastId }));
    };
  },
  async socketIo(port) {
    const { io } = await import('socket.io-client');
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    await new Promise((resolve) => socket.on('connect', resolve));
    return (answered) => socket.emit('echo', item, answered);
  },
  async gatewire(port) {
    const { createClient } = await import('gatewire/client');
    const client = createClient({ url: `ws://127.0.0.1:${port}/` });
    await client.connect();
    return (answered) => client.request('echo', item).then(answered);
  },
};

export async function run({ target, client, window, seconds, warmSeconds }, sample) {
  const request = await clients[client](target.port);
  let replies = 0;
  const again = () => {
    replies++;
    request(again);
  };
  for (let i = 0; i < window; i++) request(again);
  await sleep(warmSeconds * 1000);
  await sample('start');
  const before = replies;
  await sleep(seconds * 1000);
  const after = replies;
  await sample('end');
  return { count: after - before };
}
