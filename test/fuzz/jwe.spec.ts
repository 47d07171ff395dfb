import { EventEmitter } from 'node:events';
import { createCipheriv, generateKeyPairSync } from 'node:crypto';
import type { Connection } from '../../lib/connection/connection.js';
import { InboundFrame } from '../../lib/pipeline/inbound-frame.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { EncryptionStage } from '../../lib/pipeline/stages/encryption/encryption-stage.js';
import { agree } from '../../lib/pipeline/stages/encryption/session-keys.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { isSoundJwe, type JweHeader, readJweHeader, splitJwe } from '../../lib/protocol/jwe-compact.js';
import { pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';
import { TestStageHost } from '../support/stage-host.js';
import { fuzz, mutate } from './fuzz.js';

const serverKey = x25519Key('s1', generateKeyPairSync('x25519').privateKey);
const stage = new EncryptionStage({ keys: [serverKey] }, new TestStageHost());
const connection = new EventEmitter() as unknown as Connection;
const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const epk = { kty: 'OKP', crv: 'X25519', x };
const base = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'json', epk };
const encoded = (header: unknown): string => Buffer.from(JSON.stringify(header)).toString('base64url');

/** The keys of the one session, as its client has them. */
const session = agree(readJweHeader(JSON.stringify(base)) as JweHeader, serverKey)?.session(2 ** 32);

const headers: readonly unknown[] = [
  base,
  { ...base, alg: 'dir', kid: 'session' },
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
  return session?.toServer.seal('json', data) as string;
}

function input(random: Random): Uint8Array {
  const token = valid(random);
  if (random() < 0.3) {
    const parts = token.split('.');
    for (let times = wholeNumber(random, 3); times > 0; times--)
      parts[wholeNumber(random, 5)] = Buffer.from(randomBytes(random, 40)).toString('base64url');
    return Buffer.from(parts.with(0, encoded(pick(random, headers))).join('.'));
  }
  return mutate(random, Buffer.from(token), Buffer.from(valid(random)));
}

/** Opens the session with a frame that is encrypted with what both agree on, made without the code under test. */
beforeAll(() => {
  const agreement = agree(readJweHeader(JSON.stringify(base)) as JweHeader, serverKey);
  const sealed = agreement?.contentKey.seal('json', Buffer.from('{}')) as string;
  const key = Buffer.from(agreement?.contentKey.toJwk().k as string, 'base64url');
  const iv = Buffer.from(sealed.split('.')[2] as string, 'base64url');
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(encoded(base)));
  const text = Buffer.concat([cipher.update('{}'), cipher.final()]).toString('base64url');
  const tag = cipher.getAuthTag().toString('base64url');
  const frame = `${encoded(base)}..${iv.toString('base64url')}.${text}.${tag}`;
  void stage.inboundFrame(new InboundFrame(connection, Buffer.from(frame), false), () => undefined);
});

it('an encrypted frame that has been tampered with is refused with one error, and never passes changed', () => {
  let passed = 0;
  const texts = new Set<string>();
  fuzz(input, (bytes) => {
    const frame = new InboundFrame(connection, Buffer.from(bytes), false);
    try {
      void stage.inboundFrame(frame, () => {
        if (frame.protection?.encrypted === undefined) return;
        passed++;
        // Only what the client has encrypted can have passed.
        if (!/^\{"event":"x","data":\d+\}$/.test(frame.data.toString())) throw new Error('another plaintext');
      });
    } catch (error) {
      if (!isGatewireError(error)) throw error;
      texts.add(`${error.code} ${error.message}`);
    }
  });
  expect([...texts]).toEqual(['DECRYPTION_FAILED the message cannot be decrypted']);
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
