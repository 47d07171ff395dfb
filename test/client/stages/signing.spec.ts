import { generateKeyPairSync } from 'node:crypto';
import { createClient } from '../../../lib/client/index.js';
import type { Client } from '../../../lib/client/client-api.js';
import type { AnyContract } from '../../../lib/client/contract.js';
import type { ClientMiddleware } from '../../../lib/client/middleware.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import { pipeline } from '../../../lib/client/pipeline.js';
import { ed25519Key, hmacKey, staticKeys } from '../../../lib/client/stages/signing-keys.js';
import { type ClientSigningOptions, signing } from '../../../lib/client/stages/signing.js';
import { msgpack } from '../../../lib/codecs/msgpack.js';
import { fixed } from '../../../lib/exchange/retry-strategy.js';
import { Signing } from '../../../lib/nest/decorators/signed.decorator.js';
import * as serverKeys from '../../../lib/pipeline/stages/signing/signing-keys.js';
import type { SigningOptions } from '../../../lib/pipeline/stages/signing/signing-stage.js';
import { json } from '../../../lib/protocol/codecs/json.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const secret = 'a secret of at least thirty-two bytes';
const pair = generateKeyPairSync('ed25519');
const privateJwk = pair.privateKey.export({ format: 'jwk' });
const publicJwk = pair.publicKey.export({ format: 'jwk' });

let server: EngineFixture;
let client: Client<AnyContract>;
let errors: unknown[];
let cuts = 0;
let wire: { sent: unknown[]; received: unknown[] };
afterEach(async () => {
  await client.close();
  await server.stop();
});

function watching(): ClientMiddleware {
  return {
    name: 'watch',
    outboundFrame: ({ data }, next) => (wire.sent.push(data), next()),
    inboundFrame: ({ data }, next) => (wire.received.push(data), next()),
  };
}

async function start(
  stage: Partial<ClientSigningOptions> = {},
  {
    server: serverOptions = {},
    ...options
  }: Partial<ClientOptions> & { server?: Partial<SigningOptions> } = {},
): Promise<void> {
  errors = [];
  wire = { sent: [], received: [] };
  const keys = serverKeys.staticKeys([
    serverKeys.ed25519Key('e1', pair.privateKey),
    serverKeys.hmacKey('h1', secret),
  ]);
  server = await EngineFixture.start({
    options: { codecs: [json(), msgpack()] },
    host: { middleware: [Signing.of({ keys, outbound: 'all', ...serverOptions })] },
    handlers: {
      echo: (data) => data,
      cut: (data, { connection }) => {
        if (cuts++ === 0) connection.terminate();
        return data;
      },
      who: (_data, { protection }) => protection?.signed,
    },
  });
  client = createClient({
    url: server.url,
    reconnect: fixed(0),
    ...options,
    pipeline: pipeline(
      signing({ keys: staticKeys([hmacKey('h1', secret), ed25519Key('e1', publicJwk)]), ...stage }),
      watching(),
    ),
  });
  client.when('error', (error) => errors.push(error));
}

const isSigned = (frame: unknown): boolean =>
  typeof frame === 'string' && /^ey[\w-]+(\.[\w-]+){2}$/.test(frame);
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

it.each([
  ['HS256', hmacKey('h1', secret)],
  ['EdDSA', ed25519Key('e1', privateJwk)],
])('signs with %s what the server verifies, and verifies what the server signs', async (alg, key) => {
  await start({ keys: staticKeys([key, ed25519Key('e1', publicJwk)]), inbound: 'required' });
  await expect(client.request('who')).resolves.toMatchObject({ alg, kid: key.kid });
  const asked = Array.from({ length: 50 }, (_, at) => client.request('echo', { at, text: 'päärynä' }));
  expect((await Promise.all(asked)).map(({ at }: any) => at)).toEqual([...asked.keys()]);
  expect([...wire.sent, ...wire.received].every(isSigned)).toBe(true);
  expect(errors).toEqual([]);
});

it('takes a pair of keys that no script can read', async () => {
  const { subtle } = crypto;
  const made = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as any;
  const jwk = await subtle.exportKey('jwk', made.publicKey);
  const found = serverKeys.ed25519Key('mine', jwk);
  await start(
    { keys: staticKeys([ed25519Key('mine', made)]) },
    { server: { keys: { current: () => undefined, find: () => found }, outbound: 'none' } },
  );
  await expect(client.request('who')).resolves.toMatchObject({ kid: 'mine' });
});

it('signs bytes, and frames of another codec', async () => {
  await start();
  expect([...((await client.request('echo', new Uint8Array([1, 2]))) as Uint8Array)]).toEqual([1, 2]);
  await client.close();
  await server.stop();
  await start({}, { codec: msgpack() });
  await expect(client.request('echo', { a: 1 })).resolves.toEqual({ a: 1 });
});

it('sends a message that it sends again with a signature of its own', async () => {
  await start();
  await expect(client.request('cut', 1)).resolves.toBe(1);
  expect(new Set(wire.sent).size).toBe(wire.sent.length);
  expect(server.engine.server.stats().stages['signing.replayed']).toBeUndefined();
});

it('refuses signatures that are wrong, of nobody, repeated or too old, and goes on', async () => {
  let now = Date.now();
  await start({ now: () => now });
  const heard: unknown[] = [];
  client.on('news', (data) => heard.push(data));
  await client.connect();
  const [connection] = await server.endpoint.server.connections();
  connection?.emit('news', 1);
  await until(() => heard.length === 1);
  const signed = wire.received.at(-1) as string;
  const [header = '', payload, signature] = signed.split('.');
  const other = Buffer.from('{"alg":"HS256","kid":"nobody","iat":1,"nonce":"n"}').toString('base64url');
  for (const frame of [
    signed,
    `${header}.${Buffer.from('{"event":"news","data":2}').toString('base64url')}.${signature}`,
    `${other}.${payload}.${signature}`,
    'e30',
  ])
    connection?.send(frame);
  await until(() => errors.length === 4);
  now += 300_000 + 2_000;
  connection?.emit('news', 3);
  await until(() => errors.length === 5);
  expect(errors).toMatchObject([
    { code: 'REPLAYED' },
    { code: 'BAD_SIGNATURE', message: 'the signature is wrong' },
    { code: 'BAD_SIGNATURE', message: 'nobody here knows the key' },
    { code: 'BAD_SIGNATURE', message: 'not a JWS in compact serialization' },
    { code: 'BAD_SIGNATURE' },
  ]);
  expect(heard).toEqual([1]);
});

it.each([
  ['verify', [1], []],
  ['required', [], [{ code: 'PROTECTION_REQUIRED' }]],
] as const)('makes of what is not signed what it was told: %s', async (inbound, passes, refused) => {
  await start({ inbound });
  const heard: unknown[] = [];
  client.on('news', (data) => heard.push(data));
  await client.connect();
  const [connection] = await server.endpoint.server.connections();
  connection?.send('{"event":"news","data":1}');
  await client.request('echo', 1);
  expect(heard).toEqual(passes);
  expect(errors).toMatchObject(refused);
});

it('says what cannot work', async () => {
  await start();
  expect(() => hmacKey('k', 'x'.repeat(31))).toThrow('32 bytes');
  expect(() => hmacKey('k', 'x'.repeat(32))).not.toThrow();
  expect(() => ed25519Key('k', { kty: 'EC', crv: 'P-256', x: '' })).toThrow('Ed25519');
  expect(() => signing({ keys: staticKeys([]), inbound: 'maybe' as never })).toThrow('inbound');
  expect(() => signing({ keys: staticKeys([]), maxAgeMs: 0 })).toThrow('maxAgeMs');
});
