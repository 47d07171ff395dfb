import { generateKeyPairSync } from 'node:crypto';
import { Encryption, RoomEncryption } from '../../lib/nest/decorators/encrypted.decorator.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { RoomKeys } from '../../lib/pipeline/stages/encryption/room-keys.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';

const fixture = new EncryptionFixture();
afterEach(() => fixture.stop());

const echo = { event: 'echo', id: 1, data: 'secret' };
const refused = {
  event: 'exception',
  data: { code: 'DECRYPTION_FAILED', message: 'the message cannot be decrypted', status: 'error' },
};

describe('what is refused, always in the same words', () => {
  it.each(['ECDH-ES', 'dir'])('a change of any of the five parts (%s)', async (alg) => {
    await fixture.start({ maxAgreements: 100 });
    const client = alg === 'dir' ? await fixture.session() : await fixture.connect();
    const request = alg === 'dir' ? undefined : await client.request();
    const token = request?.frame ?? (await client.seal(echo));
    const parts = token.split('.');
    const header = JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString()) as object;
    const changed = (at: number, part: string): string => parts.with(at, part).join('.');
    const flip = (at: number): string => {
      const bytes = Buffer.from(parts[at] as string, 'base64url');
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      return changed(at, bytes.toString('base64url'));
    };
    const withHeader = (more: object): string =>
      changed(0, Buffer.from(JSON.stringify({ ...header, ...more })).toString('base64url'));
    // The last character of a tag has four bits that mean nothing.
    const tag = parts[4] as string;
    const spelled = tag.slice(0, -1) + String.fromCharCode(tag.charCodeAt(21) + 1);
    const bad = [
      withHeader({ typ: 'JOSE' }),
      withHeader({ seq: alg === 'dir' ? 99 : 1 }),
      withHeader({ seq: -1 }),
      withHeader({ zip: 'DEF' }),
      withHeader({ crit: ['exp'] }),
      withHeader({ alg: 'ECDH-ES+A256KW' }),
      withHeader({ enc: 'A128GCM' }),
      withHeader({ kid: 'nobody' }),
      withHeader({ kid: undefined }),
      withHeader({ epk: { kty: 'OKP', crv: 'X25519', x: 'AAAA' } }),
      changed(1, 'AAAA'),
      flip(2),
      flip(3),
      flip(4),
      changed(3, ''),
      changed(4, tag.slice(0, 16)),
      changed(4, spelled),
      changed(2, `${parts[2]}AAAA`),
      ...Array.from({ length: 5 }, (_, at) => changed(at, `${parts[at]}!`)),
    ];
    for (const frame of bad) {
      client.client.send(frame);
      expect(alg === 'dir' ? await client.nextJson() : await client.client.nextJson()).toEqual(refused);
    }
    client.client.send(token);
    if (request === undefined) expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
    else expect(await client.client.nextJson()).toMatchObject({ event: '$keys' });
  });

  it.each<[string, object | string]>([
    [
      'a point of small order',
      { epk: { kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32).toString('base64url') } },
    ],
    ['no epk', {}],
    ['an epk of another curve', { epk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }],
    ['an epk that is no key', { epk: 1 }],
    ['an apu that is no base64url', { apu: '!' }],
    ['a header that is no object', '[]'],
    ['a header that is no JSON', '{'],
  ])('%s', async (_, header) => {
    await fixture.start();
    const client = await fixture.connect();
    const text =
      typeof header === 'string'
        ? header
        : JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'keys', ...header });
    // First byte `e`, whatever the header says.
    const head = Buffer.from(text).toString('base64url');
    client.client.send(
      `${head.startsWith('e') ? head : `e${head}`}..${'A'.repeat(16)}.AAAA.${'A'.repeat(22)}`,
    );
    expect(await client.client.nextJson()).toEqual(refused);
  });

  it('a header of more than 1 KiB, but not one of 1 KiB', async () => {
    await fixture.start();
    const client = await fixture.session();
    const base = JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: 'session:1', seq: 1, pad: '' }).length;
    await client.send(echo, { pad: 'x'.repeat(1024 - base) });
    expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
    await client.send(echo, { pad: 'x'.repeat(1024 - base + 1) });
    expect(await client.nextJson()).toEqual(refused);
  });

  it('what is encrypted for another key', async () => {
    await fixture.start();
    const other = x25519Key('s1', generateKeyPairSync('x25519').privateKey);
    const client = await fixture.connect(other);
    client.client.send((await client.request()).frame);
    expect(await client.client.nextJson()).toEqual(refused);
    expect(fixture.count('encryption.wrong')).toBe(1);
    expect(fixture.count('encryption.agreed')).toBeUndefined();
  });

  it('what is longer than a $keys can be, before it is decrypted', async () => {
    await fixture.start();
    const client = await fixture.connect();
    const data = { jwk: EncryptionFixture.key.publicJwk, secret: 'A'.repeat(43) };
    const padded = (bytes: number): string => JSON.stringify({ event: '$keys', data }).padEnd(bytes);
    client.client.send(await client.forServer(padded(1537)));
    expect(await client.client.nextJson()).toEqual(refused);
    client.client.send(await client.forServer(padded(1536)));
    expect(await client.client.nextJson()).toMatchObject({ event: '$keys' });
  });

  it('keys that are none, and options that cannot be', () => {
    expect(() => x25519Key('k', generateKeyPairSync('ed25519').privateKey)).toThrow('X25519');
    expect(() => x25519Key('k', generateKeyPairSync('x25519').publicKey)).toThrow('X25519');
    const pem = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(x25519Key('k', pem as string).publicJwk).toMatchObject({ kty: 'OKP', crv: 'X25519', kid: 'k' });
    expect(x25519Key('k', EncryptionFixture.key.privateKey.export({ format: 'jwk' })).publicJwk.x).toBe(
      EncryptionFixture.key.publicJwk.x,
    );
    const create = (options: object) => () =>
      Encryption.of({ keys: [EncryptionFixture.key], ...options }).create(undefined as never);
    expect(create({ keys: [] })).toThrow('keys');
    expect(create({ messagesPerKey: 2 ** 32 + 1 })).toThrow('messagesPerKey');
    expect(create({ outbound: 'none' })).toThrow('outbound');
    expect(create({ maxAgreements: 0 })).toThrow('maxAgreements');
    expect(() => RoomEncryption.of({ keys: new RoomKeys(), rooms: 'a*' }).create(undefined as never)).toThrow(
      'rooms',
    );
    expect(() => new RoomKeys({ maxRooms: 0 })).toThrow('maxRooms');
  });
});
