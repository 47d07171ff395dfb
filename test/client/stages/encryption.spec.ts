import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import type { Client } from '../../../lib/client/client-api.js';
import type { AnyContract } from '../../../lib/client/contract.js';
import { createClient } from '../../../lib/client/index.js';
import type { ClientMiddleware } from '../../../lib/client/middleware.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import { pipeline } from '../../../lib/client/pipeline.js';
import { type ClientEncryptionOptions, encryption } from '../../../lib/client/stages/encryption.js';
import { hmacKey, staticKeys } from '../../../lib/client/stages/signing-keys.js';
import { signing } from '../../../lib/client/stages/signing.js';
import { msgpack } from '../../../lib/codecs/msgpack.js';
import { ReplayWindow } from '../../../lib/exchange/replay-window.js';
import { fixed } from '../../../lib/exchange/retry-strategy.js';
import { Encryption, RoomEncryption } from '../../../lib/nest/decorators/encrypted.decorator.js';
import { Signing } from '../../../lib/nest/decorators/signed.decorator.js';
import { x25519Key } from '../../../lib/pipeline/stages/encryption/encryption-keys.js';
import type { EncryptionOptions } from '../../../lib/pipeline/stages/encryption/encryption.options.js';
import { RoomKeys } from '../../../lib/pipeline/stages/encryption/room-keys.js';
import * as serverKeys from '../../../lib/pipeline/stages/signing/signing-keys.js';
import { json } from '../../../lib/protocol/codecs/json.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const longLived = x25519Key('k1', generateKeyPairSync('x25519').privateKey);
const serverKey = { kid: 'k1', x: longLived.publicJwk.x as string };
const signingSecret = 'a secret of at least thirty-two bytes';
const roomKeys = new RoomKeys();

let server: EngineFixture;
let client: Client<AnyContract>;
let errors: unknown[];
let wire: { sent: unknown[]; received: unknown[] };
afterEach(async () => {
  await client.close();
  await server.stop();
});

/** What is on the wire, as seen between the stages and the socket. */
function watching(): ClientMiddleware {
  return {
    name: 'watch',
    outboundFrame: ({ data }, next) => (wire.sent.push(data), next()),
    inboundFrame: ({ data }, next) => (wire.received.push(data), next()),
  };
}

async function start(
  options: Partial<ClientEncryptionOptions> = {},
  {
    stages = [],
    server: serverOptions = { require: true },
    ...more
  }: Partial<ClientOptions> & {
    stages?: ClientMiddleware[];
    server?: Partial<EncryptionOptions>;
  } = {},
): Promise<void> {
  errors = [];
  wire = { sent: [], received: [] };
  server = await EngineFixture.start({
    options: { codecs: [json(), msgpack()] },
    host: {
      middleware: [
        Encryption.of({ keys: [longLived], ...serverOptions }),
        RoomEncryption.of({ keys: roomKeys, rooms: 'secret.*' }),
        Signing.of({ keys: serverKeys.staticKeys([serverKeys.hmacKey('h1', signingSecret)]) }),
      ],
    },
    handlers: {
      echo: (data) => data,
      how: (_data, { protection }) => ({
        kid: protection?.encrypted?.kid,
        signed: protection?.signed?.kid,
      }),
      join: (room, { connection }) => {
        connection.join(room as string);
        roomKeys.grant(connection, room as string);
      },
    },
  });
  client = createClient({
    url: server.url,
    reconnect: fixed(0),
    ...more,
    pipeline: pipeline(...stages, encryption({ serverKey, ...options }), watching()),
  });
  client.when('error', (error) => errors.push(error));
}

const connections = () => server.endpoint.server.connections();
const isSealed = (frame: unknown): boolean => typeof frame === 'string' && frame.startsWith('eyJ');
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

it('agrees on keys, and nothing but that is to be read on the wire', async () => {
  await start();
  await expect(client.request('echo', { päärynä: 1 })).resolves.toEqual({ päärynä: 1 });
  await expect(client.request('how')).resolves.toEqual({ kid: 'session:1' });
  expect(wire.sent.every(isSealed)).toBe(true);
  expect(wire.received.filter((frame) => !isSealed(frame))).toEqual([
    expect.stringContaining('{"event":"$keys"'),
  ]);
  const frames = Array.from({ length: 100 }, (_, at) => client.request('echo', at));
  await expect(Promise.all(frames)).resolves.toEqual([...frames.keys()]);
  expect(errors).toEqual([]);
});

it('takes bytes, and another codec', async () => {
  await start({}, { codec: msgpack() });
  const file = new Uint8Array([1, 2, 3]);
  const answer = await (client.request('echo', { file }) as Promise<{ file: Uint8Array }>);
  expect([...answer.file]).toEqual([1, 2, 3]);
  await client.close();
  await server.stop();
  await start();
  const bytes = (await client.request('echo', file)) as Uint8Array;
  expect([...bytes]).toEqual([1, 2, 3]);
});

it('signs what it encrypts', async () => {
  await start({}, { stages: [signing({ keys: staticKeys([hmacKey('h1', signingSecret)]) })] });
  await expect(client.request('how')).resolves.toEqual({ kid: 'session:1', signed: 'h1' });
});

it('tells the server that it has the keys where it has nothing to say', async () => {
  await start({}, { session: false });
  await client.connect();
  const heard = new Promise((resolve) => client.on('news', resolve));
  await until(() => server.engine.server.stats().stages['encryption.agreed'] === 1);
  server.endpoint.server.emit('news', 'secret');
  await expect(heard).resolves.toBe('secret');
  expect(isSealed(wire.received.at(-1))).toBe(true);
});

it('agrees anew on each connection, and loses nothing that it has asked', async () => {
  await start();
  await client.request('echo', 1);
  const first = wire.sent[0];
  for (const connection of await connections()) connection.terminate();
  await expect(client.request('echo', 2)).resolves.toBe(2);
  expect(wire.sent).not.toContain([first]);
  expect(server.engine.server.stats().stages['encryption.agreed']).toBe(2);
});

it('renews its keys, while messages go on', async () => {
  await start({ renewAfter: 10 });
  const kids = new Set<unknown>();
  for (let round = 0; round < 8; round++) {
    const asked = Array.from({ length: 5 }, (_, at) => client.request('echo', at));
    await expect(Promise.all(asked)).resolves.toEqual([0, 1, 2, 3, 4]);
    kids.add(((await client.request('how')) as { kid: string }).kid);
  }
  expect(kids.size).toBeGreaterThan(2);
  expect(server.engine.server.stats().stages['encryption.replayed']).toBeUndefined();
  expect(errors).toEqual([]);
});

it('reads what is encrypted for a room, with the keys that it has been given', async () => {
  await start();
  const heard: unknown[] = [];
  client.on('order', (data) => heard.push(data));
  client.on('room.key', () => heard.push('a key that is nobody else’s business'));
  await client.request('join', 'secret.a');
  server.endpoint.server.to('secret.a').emit('order', 1);
  roomKeys.rotate('secret.a', await connections());
  server.endpoint.server.to('secret.a').emit('order', 2);
  await until(() => heard.length === 2);
  expect([heard, errors]).toEqual([[1, 2], []]);
  const [sealed] = wire.received.slice(-1);
  // The same frame once more, as somebody on the way could send it.
  for (const connection of await connections()) connection.send(sealed as string);
  await until(() => errors.length === 1);
  expect(errors).toMatchObject([{ code: 'REPLAYED' }]);
  expect(heard).toEqual([1, 2]);
});

it('refuses what comes in plain, and what has been changed', async () => {
  await start();
  const heard: unknown[] = [];
  client.on('news', (data) => heard.push(data));
  await client.request('echo', 1);
  const sealed = wire.received.at(-1) as string;
  const at = sealed.length - 30;
  const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
  for (const connection of await connections()) {
    connection.send('{"event":"news","data":"plain"}');
    connection.send('{"event":"$keys","data":{"kid":"session:9","jwk":{}}}');
    connection.send(changed);
    connection.send(sealed);
  }
  await until(() => errors.length === 4);
  expect(errors).toMatchObject([
    { code: 'PROTECTION_REQUIRED' },
    { code: 'PROTECTION_REQUIRED' },
    { code: 'DECRYPTION_FAILED' },
    { code: 'REPLAYED' },
  ]);
  await expect(client.request('echo', 2)).resolves.toBe(2);
  expect(heard).toEqual([]);
});

it('passes what comes in plain where it is told to', async () => {
  await start({ plain: 'pass' }, { server: { outbound: ({ event }) => event === 'secret' } });
  await expect(client.request('echo', 1)).resolves.toBe(1);
  expect(wire.received.some((frame) => !isSealed(frame) && String(frame).includes('"data":1'))).toBe(true);
});

it('does not connect to a server that has another key', async () => {
  await start({ serverKey: () => Promise.resolve({ ...serverKey, kid: 'other' }) });
  await expect(client.connect()).rejects.toMatchObject({ code: 'DISCONNECTED' });
  expect(wire.sent).toHaveLength(1);
});

it('never goes on with an answer that is not the server’s', async () => {
  const other = x25519Key('k1', generateKeyPairSync('x25519').privateKey);
  await start({ serverKey: { kid: 'k1', x: other.publicJwk.x as string } });
  await expect(client.connect()).rejects.toMatchObject({ code: 'DISCONNECTED' });
  expect(wire.sent).toHaveLength(1);
});

describe('ReplayWindow', () => {
  it('takes each number once, in any order within its width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60 })),
        fc.integer({ min: 1, max: 20 }),
        (given, width) => {
          const window = new ReplayWindow(width);
          const taken = new Set<number>();
          for (const number of given) {
            const highest = Math.max(-1, ...taken);
            const isNew = !taken.has(number) && number > highest - width;
            expect(window.use(number)).toBe(isNew);
            if (isNew) taken.add(number);
          }
        },
      ),
    );
  });

  it('jumps far without work for each number', () => {
    const window = new ReplayWindow();
    expect(window.use(1)).toBe(true);
    expect(window.use(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect([window.use(1), window.use(Number.MAX_SAFE_INTEGER - 1)]).toEqual([false, true]);
  });
});
