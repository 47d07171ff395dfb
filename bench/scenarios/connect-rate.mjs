// Connect, handshake, close: `parallel` at a time.
import { RawClient } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = { parallel: 64, seconds: 3, warmSeconds: 1 };

export async function run({ target, parallel, seconds, warmSeconds }, sample) {
  let opened = 0;
  let failed = 0;
  let isOver = false;
  let next = 0;
  const connect = () => {
    if (isOver) return;
    new RawClient(
      { ...target, host: `127.0.0.${1 + (next++ % 32)}` },
      {
        onOpen: (client) => {
          opened++;
          client.socket.destroy();
        },
        onClose: (client) => {
          if (!client.isOpen && ++failed > 100) throw new Error('more than 100 connections failed');
          connect();
        },
      },
    );
  };
  for (let i = 0; i < parallel; i++) connect();
  await sleep(warmSeconds * 1000);
  await sample('start');
  const before = opened;
  await sleep(seconds * 1000);
  const after = opened;
  await sample('end');
  isOver = true;
  return { count: after - before };
}
