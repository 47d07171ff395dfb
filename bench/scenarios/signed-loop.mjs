// Request and reply, every request signed with a nonce of its own: made before the clock starts, since making them costs
// more than counting. Servers that check no signature get the same requests without.
import { createHmac, createSecretKey } from 'node:crypto';
import { maskedFrame } from '../lib/masked-frame.mjs';
import { connectAll } from '../lib/raw-client.mjs';
import { sleep } from '../lib/sleep.mjs';

export const defaults = {
  connections: 50,
  window: 32,
  burst: 16,
  seconds: 3,
  warmSeconds: 1.5,
  perConnection: 8_000,
};

const key = createSecretKey(Buffer.from('0'.repeat(32)));
const base64Url = (value) => Buffer.from(value).toString('base64url');
let nonces = 0;

function signedFrame(text) {
  const header = {
    alg: 'HS256',
    kid: 'bench',
    cty: 'json',
    iat: Math.floor(Date.now() / 1000),
    nonce: `${process.pid}-${++nonces}`,
  };
  const input = `${base64Url(JSON.stringify(header))}.${base64Url(text)}`;
  return maskedFrame(`${input}.${createHmac('sha256', key).update(input).digest('base64url')}`);
}

export async function run(
  { target, connections, window, burst, seconds, warmSeconds, perConnection, isSigned },
  sample,
) {
  const text = target.dialect.echoText(10_001);
  const frame = maskedFrame(text);
  const reserves = Array.from({ length: connections }, () =>
    isSigned ? Array.from({ length: perConnection }, () => signedFrame(text)) : null,
  );
  const take = (client, count) => {
    if (client.reserve === null) return Buffer.concat(Array.from({ length: count }, () => frame));
    if (client.reserve.length < count) throw new Error('more requests were needed than have been signed');
    return Buffer.concat(client.reserve.splice(-count));
  };
  let replies = 0;
  let isRunning = false;
  const clients = await connectAll(connections, target, (count, client) => {
    replies += count;
    client.pending += count;
    if (!isRunning || client.pending < burst) return;
    client.socket.write(take(client, client.pending));
    client.pending = 0;
  });
  isRunning = true;
  for (const [index, client] of clients.entries()) {
    client.reserve = reserves[index];
    client.socket.write(take(client, window));
  }
  await sleep(warmSeconds * 1000);
  await sample('start');
  const before = replies;
  await sleep(seconds * 1000);
  const after = replies;
  await sample('end');
  isRunning = false;
  return { count: after - before };
}
