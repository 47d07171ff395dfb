import { generateKeyPairSync } from 'node:crypto';
import type { Connection } from '../../lib/connection/connection.js';
import { InboundFrame } from '../../lib/pipeline/inbound-frame.js';
import { ContentKey } from '../../lib/pipeline/stages/encryption/content-key.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { EncryptionStage } from '../../lib/pipeline/stages/encryption/encryption-stage.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { isSoundJwe, readJweHeader, splitJwe } from '../../lib/protocol/jwe-compact.js';
import { pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';
import { JoseClient } from '../support/jose-client.js';
import { TestStageHost } from '../support/stage-host.js';
import { fuzz, mutate } from './fuzz.js';

const serverKey = x25519Key('s1', generateKeyPairSync('x25519').privateKey);
const stage = new EncryptionStage(
  { keys: [serverKey], maxAgreements: Number.MAX_SAFE_INTEGER },
  new TestStageHost(),
);
const answers: string[] = [];
const connect = (): Connection => ({ send: (text: string) => answers.push(text) }) as unknown as Connection;
/** One with a session, and one that has yet to open one. */
const [connection, stranger] = [connect(), connect()];
const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const epk = { kty: 'OKP', crv: 'X25519', x };
const base = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'keys', epk };
const encoded = (header: unknown): string => Buffer.from(JSON.stringify(header)).toString('base64url');

/** The `$keys` of the one session, and the key of its client. */
let opening: string;
let toServer: ContentKey;

const headers: readonly unknown[] = [
  base,
  { ...base, alg: 'dir', kid: 'session:1' },
  { ...base, alg: 'dir', kid: 'session:1', cty: 'json', seq: 1 },
  { ...base, seq: '1' },
  { ...base, cty: 'json' },
  { ...base, alg: 'none' },
  { ...base, enc: 'A128GCM' },
  { ...base, crit: [] },
  { ...base, zip: 'DEF' },
  { ...base, kid: 1 },
  { ...base, kid: undefined },
  { ...base, cty: {} },
  { ...base, apu: 'QWxpY2U', apv: 'Qm9i' },
  { ...base, apu: '!' },
  { ...base, epk: undefined },
  { ...base, epk: null },
  { ...base, epk: [] },
  { ...base, epk: { ...epk, crv: 'P-256' } },
  { ...base, epk: { ...epk, x: 'AAAA' } },
  { ...base, epk: { ...epk, x: Buffer.alloc(32).toString('base64url') } },
  { ...base, epk: { ...epk, d: x } },
  [],
  null,
  'e',
];

/** What the client of the session sends: the valid input. */
function valid(random: Random): string {
  const data = Buffer.from(JSON.stringify({ event: 'x', data: wholeNumber(random, 1000) }));
  toServer.use();
  return toServer.seal('json', data);
}

function input(random: Random): Uint8Array {
  const token = random() < 0.1 ? opening : valid(random);
  if (random() < 0.3) {
    const parts = token.split('.');
    for (let times = wholeNumber(random, 3); times > 0; times--)
      parts[wholeNumber(random, 5)] = Buffer.from(randomBytes(random, 40)).toString('base64url');
    return Buffer.from(parts.with(0, encoded(pick(random, headers))).join('.'));
  }
  return mutate(random, Buffer.from(token), Buffer.from(valid(random)));
}

/** Opens the session as a client does, with WebCrypto and `jose`. */
beforeAll(async () => {
  const client = new JoseClient(undefined as never, serverKey.publicJwk);
  const request = await client.request();
  opening = request.frame;
  void stage.inboundFrame(new InboundFrame(connection, Buffer.from(opening), false), () => undefined);
  const keys = await client.derive(request, JSON.parse(answers[0] as string) as Record<string, unknown>);
  toServer = new ContentKey(keys.kid, keys.toServer, 2 ** 32);
  const first = Buffer.from(valid(() => 0));
  void stage.inboundFrame(new InboundFrame(connection, first, false), () => undefined);
});

it('an encrypted frame that has been tampered with is refused, and never passes changed', () => {
  let passed = 0;
  const texts = new Set<string>();
  fuzz(input, (bytes) => {
    for (const peer of [connection, stranger]) {
      const frame = new InboundFrame(peer, Buffer.from(bytes), false);
      try {
        void stage.inboundFrame(frame, () => {
          if (frame.protection?.encrypted === undefined) return;
          passed++;
          // Only what the client has encrypted can have passed, on its connection, with the keys of its session.
          const isWhole = /^\{"event":"x","data":\d+\}$/.test(frame.data.toString());
          if (!isWhole || peer === stranger || frame.protection.encrypted.alg !== 'dir')
            throw new Error('another plaintext');
        });
      } catch (error) {
        if (!isGatewireError(error)) throw error;
        texts.add(`${error.code} ${error.message}`);
      }
    }
  });
  // What tells more is said of frames that are whole, or before anything is decrypted.
  expect([...texts].filter((text) => !/^(CONFLICT|BAD_REQUEST|REPLAYED) /.test(text))).toEqual([
    'DECRYPTION_FAILED the message cannot be decrypted',
  ]);
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(200);
});

it('no text takes the parser by surprise', () => {
  fuzz(
    (random) => Buffer.from(input(random)).toString('latin1'),
    (text) => {
      const parts = splitJwe(text);
      if (parts !== undefined) isSoundJwe(parts);
      readJweHeader(Buffer.from(parts?.header ?? '', 'base64url').toString());
      readJweHeader(text);
    },
  );
});

it.each(headers.map((header) => [JSON.stringify(header), header]))(
  'reads or refuses the header %s',
  (_, header) => {
    const read = readJweHeader(JSON.stringify(header));
    if (read !== undefined) expect(typeof read.alg).toBe('string');
  },
);
