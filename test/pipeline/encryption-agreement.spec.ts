import { createPrivateKey } from 'node:crypto';
import { concatKdf } from '../../lib/pipeline/stages/encryption/concat-kdf.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { agree } from '../../lib/pipeline/stages/encryption/session-keys.js';
import { type JweHeader, readJweHeader } from '../../lib/protocol/jwe-compact.js';

/** Bob's key and the ephemeral one of RFC 8037 appendix A.6, which are those of RFC 7748 section 6.1. */
const d = Buffer.from('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', 'hex').toString(
  'base64url',
);
const x = '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08';
const epk = { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' };
const bob = x25519Key('Bob', createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', x, d }, format: 'jwk' }));
const read = (header: object): JweHeader =>
  readJweHeader(JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'Bob', epk, ...header })) as JweHeader;

it('agrees on the secret of RFC 8037 appendix A.6', () => {
  expect(bob.publicJwk.x).toBe(x);
  const secret = Buffer.from('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742', 'hex');
  const [apu, apv] = [Buffer.from('Alice'), Buffer.from('Bob')];
  const key = concatKdf(secret, { algorithm: 'A256GCM', keyBits: 256, apu, apv });
  const header = read({ apu: apu.toString('base64url'), apv: apv.toString('base64url') });
  expect(agree(header, bob)?.contentKey.toJwk().k).toBe(key.toString('base64url'));
});

it.each([0, 1])('agrees on nothing with a point of low order (RFC 7748 section 6.1): %d', (first) => {
  const point = Buffer.alloc(32);
  point[0] = first;
  expect(agree(read({ epk: { ...epk, x: point.toString('base64url') } }), bob)).toBeUndefined();
});

it('gives each direction a key of its own, and another agreement others', () => {
  const keysOf = (x25519: string): (string | undefined)[] => {
    const session = agree(read({ epk: { ...epk, x: x25519 } }), bob)?.session(1);
    return [session?.toServer.toJwk().k, session?.toClient.toJwk().k];
  };
  expect(new Set([...keysOf(epk.x), ...keysOf(x)]).size).toBe(4);
});

it('a header that names a member twice is none', () => {
  expect(readJweHeader('{"alg":"dir","enc":"A256GCM","alg":"dir"}')).toBeUndefined();
});
