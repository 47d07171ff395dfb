import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { SigningStage, type SigningOptions } from '../../lib/pipeline/stages/signing/signing-stage.js';
import {
  type SignatureKey,
  ed25519Key,
  hmacKey,
  staticKeys,
} from '../../lib/pipeline/stages/signing/signing-keys.js';
import { type SignedOptions, SignedStage } from '../../lib/pipeline/stages/signing/signed-stage.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { decodeEnvelope, encodeEnvelope } from '../../lib/protocol/index.js';
import { readJwsHeader } from '../../lib/protocol/jws-compact.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { pack, unpack } from 'msgpackr';
import { EngineFixture } from '../support/engine-fixture.js';
import type { TestClient } from '../support/test-client.js';

let fixture: EngineFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

const secret = Buffer.alloc(32, 7);
const hmac = hmacKey('h1', secret);
const pair = generateKeyPairSync('ed25519');
const ed = ed25519Key('e1', pair.privateKey);
let now = 1_800_000_000_000;
let nonces = 0;

/** What a client with `jose` sends. */
async function signed(
  envelope: object,
  {
    header = {},
    key = secret,
    payload,
  }: { header?: object; key?: Uint8Array | KeyObject; payload?: Uint8Array } = {},
): Promise<string> {
  const all = { alg: 'HS256', kid: 'h1', iat: now / 1000, nonce: `n${++nonces}`, ...header };
  return new CompactSign(payload ?? Buffer.from(JSON.stringify(envelope))).setProtectedHeader(all).sign(key);
}

async function start(
  options: Partial<SigningOptions> = {},
  demand: SignedOptions | null = {},
): Promise<TestClient> {
  fixture = await EngineFixture.start({
    options: { codecs: [json(), msgpack()] },
    host: {
      middleware: [
        {
          name: 'Signing',
          create: (host) =>
            new SigningStage({ keys: staticKeys([hmac, ed]), now: () => now, ...options }, host),
        },
        ...(demand === null
          ? []
          : [{ name: 'Signed', create: (host: never) => new SignedStage(demand, host) }]),
      ],
    },
    handlers: { echo: (data) => data, who: (_data, message) => message.protection?.signed },
  });
  return fixture.connect();
}
const count = (name: string): number | undefined => fixture?.engine.server.stats().stages[`signing.${name}`];

describe.each([
  ['HS256', { alg: 'HS256', kid: 'h1' }, secret],
  ['EdDSA', { alg: 'EdDSA', kid: 'e1' }, pair.privateKey],
  ['Ed25519', { alg: 'Ed25519', kid: 'e1' }, pair.privateKey],
] as const)('a message that jose has signed with %s', (alg, header, key) => {
  it('is verified, and its handler may know by whom', async () => {
    const client = await start();
    client.send(await signed({ event: 'who', id: 1 }, { header, key }));
    expect(await client.nextJson()).toEqual({ id: 1, data: { alg, kid: header.kid, issuedAt: now } });
  });

  it('is refused when any part has been changed', async () => {
    const client = await start();
    const token = await signed({ event: 'echo', id: 1, data: 1 }, { header, key });
    const [head, payload, signature] = token.split('.') as [string, string, string];
    const other = await signed({ event: 'echo', id: 1, data: 2 }, { header, key });
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    for (const bad of [
      `${head}.${other.split('.')[1]}.${signature}`,
      `${other.split('.')[0]}.${payload}.${signature}`,
      `${head}.${payload}.${flipped}`,
      `${head}.${payload}.${signature.slice(0, -4)}`,
    ]) {
      client.send(bad);
      expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'BAD_SIGNATURE' } });
    }
    expect(count('wrong')).toBe(4);
  });
});

describe('what is refused', () => {
  it.each<[string, object, string, string]>([
    ['an unknown key', { kid: 'nobody' }, 'BAD_SIGNATURE', 'unknownKey'],
    ['no kid', { kid: undefined }, 'BAD_SIGNATURE', 'unknownKey'],
    ['another algorithm than that of the key', { alg: 'HS512' }, 'BAD_SIGNATURE', 'algorithm'],
    ['no nonce', { nonce: undefined }, 'BAD_SIGNATURE', 'nonce'],
    ['no iat', { iat: undefined }, 'BAD_SIGNATURE', 'age'],
    ['a signature one millisecond too old', { iat: (now - 300_001) / 1000 }, 'BAD_SIGNATURE', 'age'],
    ['a signature one millisecond too far ahead', { iat: (now + 5_001) / 1000 }, 'BAD_SIGNATURE', 'age'],
    ['an iat that is no number', { iat: 'now' }, 'BAD_SIGNATURE', 'malformed'],
  ])('%s', async (_, header, code, counter) => {
    const client = await start();
    const key = 'alg' in header ? Buffer.alloc(64, 7) : secret;
    client.send(await signed({ event: 'echo', id: 1 }, { header, key }));
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code } });
    expect(count(counter)).toBe(1);
  });

  it('a replay, also on another connection, for as long as the signature lives', async () => {
    const client = await start();
    const token = await signed({ event: 'echo', id: 1, data: 'pay' });
    client.send(token);
    expect(await client.nextJson()).toEqual({ id: 1, data: 'pay' });
    now += 300_000;
    const other = await (fixture as EngineFixture).connect();
    for (const one of [client, other]) {
      one.send(token);
      expect(await one.nextJson()).toMatchObject({ event: 'exception', data: { code: 'REPLAYED' } });
    }
    now += 1;
    client.send(token);
    expect(await client.nextJson()).toMatchObject({ data: { code: 'BAD_SIGNATURE' } });
  });

  it('more nonces than may be remembered: refused rather than forgotten', async () => {
    const client = await start({ maxNonces: 2 });
    for (const id of [1, 2]) {
      client.send(await signed({ event: 'echo', id, data: id }));
      expect(await client.nextJson()).toEqual({ id, data: id });
    }
    client.send(await signed({ event: 'echo', id: 3 }));
    expect(await client.nextJson()).toMatchObject({ data: { code: 'OVERLOADED' } });
    // Another key has a window of its own.
    const header = { alg: 'EdDSA', kid: 'e1' };
    client.send(await signed({ event: 'echo', id: 5, data: 5 }, { header, key: pair.privateKey }));
    expect(await client.nextJson()).toEqual({ id: 5, data: 5 });
    now += 305_000;
    client.send(await signed({ event: 'echo', id: 4, data: 4 }));
    expect(await client.nextJson()).toEqual({ id: 4, data: 4 });
  });

  it.each([
    'e',
    'eyJ',
    'e..',
    'eyJhIjoxfQ.e30',
    'eyJhIjoxfQ.e30.x.y',
    'eyJ!.e30.x',
    `${'e'.repeat(3000)}.e30.xx`,
  ])('what is no JWS: %.12s', async (text) => {
    const client = await start();
    client.send(text);
    expect(await client.nextJson()).toMatchObject({ data: { code: 'BAD_SIGNATURE' } });
    expect(count('malformed')).toBe(1);
  });

  it('headers with parameters that must be understood (RFC 7515 section 4.1.11, RFC 7797)', () => {
    expect(readJwsHeader('{"alg":"HS256","crit":["exp"],"exp":1}')).toBeUndefined();
    expect(readJwsHeader('{"alg":"HS256","b64":false}')).toBeUndefined();
    expect(readJwsHeader('{"alg":"HS256"}')).toMatchObject({ alg: 'HS256' });
  });

  it('secrets shorter than the hash (RFC 7518 section 3.2), keys of another kind', () => {
    expect(() => hmacKey('k', Buffer.alloc(31))).toThrow('at least 32 bytes');
    expect(hmacKey('k', Buffer.alloc(32)).kid).toBe('k');
    expect(() => ed25519Key('k', generateKeyPairSync('ed448').publicKey)).toThrow('Ed25519');
    expect(ed25519Key('k', pair.publicKey.export({ format: 'jwk' })).key.type).toBe('public');
    expect(ed25519Key('k', pair.privateKey.export({ format: 'pem', type: 'pkcs8' })).key.type).toBe(
      'private',
    );
  });
});

describe('@Signed', () => {
  it('refuses what is not signed before the handler', async () => {
    const client = await start();
    expect(await client.ask('echo', 1)).toMatchObject({ id: 1, error: { code: 'PROTECTION_REQUIRED' } });
    expect(count('demanded')).toBe(1);
  });

  it('lets unsigned messages pass where nobody demands it', async () => {
    const client = await start({}, null);
    expect(await client.ask('echo', 1)).toEqual({ id: 1, data: 1 });
  });

  it('demands an algorithm, and the right signer', async () => {
    const client = await start({}, { algorithms: ['EdDSA'], by: ({ kid }, { data }) => kid === data });
    client.send(await signed({ event: 'echo', id: 1, data: 'h1' }));
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'PROTECTION_REQUIRED' } });
    const header = { alg: 'EdDSA', kid: 'e1' };
    client.send(await signed({ event: 'echo', id: 2, data: 'somebody' }, { header, key: pair.privateKey }));
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'FORBIDDEN' } });
    client.send(await signed({ event: 'echo', id: 3, data: 'e1' }, { header, key: pair.privateKey }));
    expect(await client.nextJson()).toEqual({ id: 3, data: 'e1' });
  });
});

describe('what goes out', () => {
  it.each([
    ['HS256', hmac, secret],
    ['EdDSA', ed, pair.publicKey],
  ] as const)(
    'is signed with %s so that jose verifies it: a broadcast once',
    async (alg, key, verifyWith) => {
      let currents = 0;
      const keys = { ...staticKeys([key]), current: () => (currents++, key) };
      const client = await start({ keys, outbound: 'all' }, null);
      const other = await (fixture as EngineFixture).connect();
      fixture?.endpoint.server.emit('news', { n: 1 });
      for (const one of [client, other]) {
        const { payload, protectedHeader } = await compactVerify((await one.next()) as string, verifyWith);
        expect(JSON.parse(Buffer.from(payload).toString())).toEqual({ event: 'news', data: { n: 1 } });
        expect(protectedHeader).toEqual({
          alg,
          kid: key.kid,
          cty: 'json',
          iat: Math.floor(now / 1000),
          nonce: expect.any(String),
        });
      }
      expect(currents).toBe(1);
      client.send({ event: 'echo', id: 1, data: 'x' });
      const reply = await compactVerify((await client.next()) as string, verifyWith);
      expect(JSON.parse(Buffer.from(reply.payload).toString())).toEqual({ id: 1, data: 'x' });
    },
  );

  it('is signed where a function says so', async () => {
    const client = await start({ outbound: ({ event }) => event === 'important' }, null);
    fixture?.endpoint.server.emit('chatter', 1);
    fixture?.endpoint.server.emit('important', 2);
    expect(await client.nextJson()).toEqual({ event: 'chatter', data: 1 });
    expect((await client.next()).toString()).toMatch(/^ey/);
  });

  it('keeps its order under load, when Ed25519 goes to the thread pool', async () => {
    const client = await start({ keys: staticKeys([ed]), outbound: ({ event }) => event === 'signed' }, null);
    for (let i = 0; i < 20; i++) fixture?.endpoint.server.emit(i % 3 === 0 ? 'plain' : 'signed', i);
    for (let i = 0; i < 20; i++) {
      const frame = (await client.next()).toString();
      const text = frame.startsWith('ey')
        ? Buffer.from((await compactVerify(frame, pair.publicKey)).payload).toString()
        : frame;
      expect(JSON.parse(text)).toEqual({ event: i % 3 === 0 ? 'plain' : 'signed', data: i });
    }
  });
});

it('verifies a burst of Ed25519 messages in order', async () => {
  const client = await start();
  const header = { alg: 'EdDSA', kid: 'e1' };
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, id) =>
      signed({ event: 'echo', id, data: id }, { header, key: pair.privateKey }),
    ),
  );
  for (const token of tokens) client.send(token);
  for (let id = 0; id < 20; id++) expect(await client.nextJson()).toEqual({ id, data: id });
});

it('rotates keys while connections live', async () => {
  const second = hmacKey('h2', Buffer.alloc(32, 8));
  const known = new Map<string | undefined, SignatureKey>([['h1', hmac]]);
  let current = hmac;
  const client = await start(
    { keys: { current: () => current, find: async (kid) => known.get(kid) }, outbound: 'all' },
    {},
  );
  const send = async (kid: string, key: Uint8Array): Promise<string> => {
    client.send(await signed({ event: 'echo', data: kid }, { header: { kid }, key }));
    const frame = (await client.next()).toString();
    return Buffer.from(frame.split('.')[0] as string, 'base64url').toString();
  };
  expect(await send('h1', secret)).toContain('"h1"');
  known.set('h2', second);
  current = second;
  expect(await send('h1', secret)).toContain('"h2"');
  expect(await send('h2', Buffer.alloc(32, 8))).toContain('"h2"');
  known.delete('h1');
  await send('h1', secret);
  expect(count('unknownKey')).toBe(1);
});

it('carries the binary layout of JSON both ways, which cty keeps apart from text', async () => {
  const client = await start({ outbound: 'all' });
  const payload = encodeEnvelope({ event: 'echo', id: 1, data: Buffer.from([1, 2, 3]) }) as Uint8Array;
  client.send(await signed({}, { header: { cty: 'octet-stream' }, payload }));
  const reply = await compactVerify((await client.next()) as string, secret);
  expect(reply.protectedHeader.cty).toBe('octet-stream');
  expect(decodeEnvelope(Buffer.from(reply.payload))).toEqual({ id: 1, data: Buffer.from([1, 2, 3]) });
});

it('carries frames of another codec, as cty says', async () => {
  await start();
  const client = await (fixture as EngineFixture).connect('/', ['gatewire.v1.msgpack']);
  client.send(
    await signed({}, { header: { cty: 'msgpack' }, payload: pack({ event: 'echo', id: 1, data: 'packed' }) }),
  );
  expect(unpack((await client.next()) as Buffer)).toEqual({ id: 1, data: 'packed' });
});
