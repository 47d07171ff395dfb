import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { concatKdf } from '../../lib/pipeline/stages/encryption/concat-kdf.js';
import { ContentKey } from '../../lib/pipeline/stages/encryption/content-key.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { deriveKey, SessionKeys } from '../../lib/pipeline/stages/encryption/session-keys.js';
import { openForServer } from '../../lib/pipeline/stages/encryption/session-request.js';
import { sharedSecret } from '../../lib/pipeline/stages/encryption/shared-secret.js';
import { type JweHeader, type JweParts, readJweHeader, splitJwe } from '../../lib/protocol/jwe-compact.js';

/** Bob's key and the ephemeral one of RFC 8037 appendix A.6, which are those of RFC 7748 section 6.1. */
const d = Buffer.from('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', 'hex').toString(
  'base64url',
);
const x = '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08';
const epk = { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' };
const bob = x25519Key('Bob', createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', x, d }, format: 'jwk' }));
const secret = Buffer.from('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742', 'hex');

it('agrees on the secret of RFC 8037 appendix A.6', () => {
  expect(bob.publicJwk.x).toBe(x);
  expect(sharedSecret(bob.privateKey, epk.x)?.toString('hex')).toBe(secret.toString('hex'));
});

it('opens what is encrypted with the key that follows from it', () => {
  const [apu, apv] = [Buffer.from('Alice'), Buffer.from('Bob')];
  const key = concatKdf(secret, { algorithm: 'A256GCM', keyBits: 256, apu, apv });
  const parts = splitJwe(new ContentKey('Bob', key, 1).seal('keys', Buffer.from('hello'))) as JweParts;
  const read = (own: Buffer): JweHeader => {
    const header = { alg: 'ECDH-ES', enc: 'A256GCM', epk, apu: own.toString('base64url') };
    return readJweHeader(JSON.stringify({ ...header, apv: apv.toString('base64url') })) as JweHeader;
  };
  expect(openForServer(bob, read(apu), parts)?.toString()).toBe('hello');
  expect(openForServer(bob, read(apv), parts)).toBeUndefined();
});

it.each([0, 1])('agrees on nothing with a point of small order (RFC 7748 section 6.1): %d', (first) => {
  const point = Buffer.alloc(32);
  point[0] = first;
  const x25519 = point.toString('base64url');
  expect(sharedSecret(bob.privateKey, x25519)).toBeUndefined();
  expect(SessionKeys.agree({ x: x25519, secret }, 'session:1', 1)).toBeUndefined();
});

it('gives each direction a key of its own, and each agreement others, also with the same request', () => {
  const keys = [1, 2].flatMap(() => {
    const session = SessionKeys.agree({ x: epk.x, secret }, 'session:1', 1);
    return [session?.toServer.toJwk().k, session?.toClient.toJwk().k, session?.offer.jwk.x];
  });
  expect(keys.every((key) => key?.length === 43)).toBe(true);
  expect(new Set(keys).size).toBe(6);
});

it('derives the keys that PROTOCOL.md gives as an example', () => {
  const specification = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
  const request = { x: epk.x, secret: Buffer.from(Array.from({ length: 32 }, (_, at) => at)) };
  const keys = (['client-to-server', 'server-to-client'] as const).map((direction) =>
    deriveKey(direction, secret, request, x).toString('base64url'),
  );
  expect(keys).toEqual([
    'JjofXRYfQpLizEjdYIPS3VQwMGMltaJdRNt_fQilPpc',
    'vaC_4rzaEXaSUNRPqGS-b3czXXR6g_T6TZVSi2bv0HE',
  ]);
  for (const text of [...keys, epk.x, x, request.secret.toString('base64url')])
    expect(specification).toContain(text);
});

it('counts frames up: a number is taken once, and none below it', () => {
  const session = SessionKeys.agree({ x: epk.x, secret }, 'session:1', 1) as SessionKeys;
  const verdicts = [undefined, 0, 0, 1, 5, 5, 4, 6, Number.MAX_SAFE_INTEGER].map((seq) =>
    session.advance(seq),
  );
  expect(verdicts).toEqual([false, true, false, true, true, false, false, true, true]);
});

it.each(['{"alg":"dir","enc":"A256GCM","alg":"dir"}', '{"alg":"dir","enc":"A256GCM","seq":-1}'])(
  'a header is none that names a member twice, or has a number that is none: %s',
  (header) => expect(readJweHeader(header)).toBeUndefined(),
);
