import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, CompactSign, compactVerify } from 'jose';
import { pack, unpack } from 'msgpackr';
import { Encrypted } from '../../lib/nest/decorators/encrypted.decorator.js';
import { concatKdf } from '../../lib/pipeline/stages/encryption/concat-kdf.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { Signing } from '../../lib/nest/decorators/signed.decorator.js';
import { hmacKey, staticKeys } from '../../lib/pipeline/stages/signing/signing-keys.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';
import { JoseClient } from '../support/jose-client.js';

const fixture = new EncryptionFixture();
afterEach(() => fixture.stop());

const echo = { event: 'echo', id: 1, data: 'secret' };
const refused = {
  event: 'exception',
  data: { code: 'DECRYPTION_FAILED', message: 'the message cannot be decrypted', status: 'error' },
};

it('derives keys as RFC 7518 appendix C does', () => {
  const alice = {
    kty: 'EC',
    crv: 'P-256',
    x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
    y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
    d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
  };
  const bob = {
    kty: 'EC',
    crv: 'P-256',
    x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
    y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
  };
  const secret = diffieHellman({
    privateKey: createPrivateKey({ key: alice, format: 'jwk' }),
    publicKey: createPublicKey({ key: bob, format: 'jwk' }),
  });
  expect([...secret.subarray(0, 4), secret.at(-1)]).toEqual([158, 86, 217, 29, 196]);
  const context = { algorithm: 'A128GCM', keyBits: 128, apu: Buffer.from('Alice'), apv: Buffer.from('Bob') };
  expect(concatKdf(secret, context).toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg');
});

describe('a client with jose', () => {
  it('agrees on keys with its first frame, and speaks both ways with them', async () => {
    await fixture.start();
    const client = await fixture.connect();
    client.client.send(await client.hello({ event: 'how', id: 1 }));
    const first = await client.next();
    expect(first.header).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'session', cty: 'json' });
    const encrypted = { alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1' };
    expect(JSON.parse(first.plaintext.toString())).toEqual({ id: 1, data: { encrypted } });
    await client.send({ event: 'how', id: 2 }, { cty: 'json' });
    const dir = { alg: 'dir', enc: 'A256GCM', kid: 'session' };
    expect(await client.nextJson()).toEqual({ id: 2, data: { encrypted: dir } });
    fixture.endpoint.server.emit('news', { päärynä: 1 });
    expect(await client.nextJson()).toEqual({ event: 'news', data: { päärynä: 1 } });
    expect(fixture.count('encryption.agreed')).toBe(1);
  });

  it('gets frames of the structure of RFC 7516 section 7.1, each with an IV of its own', async () => {
    await fixture.start();
    const client = await fixture.session();
    const ivs = new Set<string>();
    for (let id = 0; id < 300; id++) fixture.endpoint.server.emit('tick', id);
    for (let id = 0; id < 300; id++) {
      const parts = ((await client.client.next()) as string).split('.');
      expect(parts.map((part) => Buffer.from(part, 'base64url').length)).toEqual([
        expect.any(Number),
        0,
        12,
        Buffer.byteLength(JSON.stringify({ event: 'tick', data: id })),
        16,
      ]);
      ivs.add(parts[2] as string);
    }
    expect(ivs.size).toBe(300);
  });

  it('may say who is who (apu, apv)', async () => {
    await fixture.start();
    const client = await fixture.connect();
    const token = await new CompactEncrypt(Buffer.from('{"event":"how","id":1}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1' })
      .setKeyManagementParameters({
        apu: Buffer.from('Alice'),
        apv: Buffer.from('Bob'),
      })
      .encrypt(createPublicKey({ key: EncryptionFixture.key.publicJwk, format: 'jwk' }));
    client.client.send(token);
    expect(await client.client.next()).toMatch(/^eyJ/);
    expect(fixture.count('encryption.agreed')).toBe(1);
  });

  it('has keys of its own: no other connection can use them', async () => {
    await fixture.start();
    const [one, two] = [await fixture.session(), await fixture.session()];
    two.client.send(await one.seal(echo));
    expect(await two.nextJson()).toEqual(refused);
    const stranger = await fixture.connect();
    stranger.client.send(await one.seal(echo));
    expect(await stranger.client.nextJson()).toEqual(refused);
  });

  it('keeps its session when it sends the same agreement again, and gets a new one with another', async () => {
    await fixture.start();
    const client = await fixture.session();
    client.client.send(await client.hello({ ...echo, id: 2 }));
    expect(await client.nextJson()).toMatchObject({ id: 2 });
    expect(fixture.count('encryption.agreed')).toBe(1);
    const again = new JoseClient(client.client, EncryptionFixture.key.publicJwk);
    client.client.send(await again.hello({ ...echo, id: 3 }));
    expect(await again.nextJson()).toMatchObject({ id: 3 });
    expect(fixture.count('encryption.agreed')).toBe(2);
    client.client.send(await client.seal(echo));
    expect(await again.nextJson()).toEqual(refused);
  });
});

it('the server key rotates while connections live', async () => {
  const next = x25519Key('s2', generateKeyPairSync('x25519').privateKey);
  let keys = [EncryptionFixture.key];
  await fixture.start({ keys: () => keys });
  const old = await fixture.session();
  keys = [next, EncryptionFixture.key];
  await fixture.session(next);
  await fixture.session(EncryptionFixture.key);
  keys = [next];
  const late = await fixture.connect(EncryptionFixture.key);
  late.client.send(await late.hello(echo));
  expect(await late.client.nextJson()).toEqual(refused);
  // A session needs no server key any more.
  await old.send({ ...echo, id: 2 });
  expect(await old.nextJson()).toEqual({ id: 2, data: 'secret' });
});

describe('a session key is used for so many messages', () => {
  it('from the client, then the connection is closed', async () => {
    await fixture.start({ messagesPerKey: 3, outbound: () => false });
    const client = await fixture.connect();
    client.client.send(await client.hello(echo));
    expect(await client.client.nextJson()).toEqual({ id: 1, data: 'secret' });
    for (const id of [2, 3, 4]) {
      await client.send({ ...echo, id });
      expect(await client.client.nextJson()).toEqual({ id, data: 'secret' });
    }
    await client.send(echo);
    expect(await client.client.closed).toEqual({ code: 4401, reason: 'the session keys are used up' });
    expect(fixture.count('encryption.usedUp')).toBe(1);
  });

  it('to the client, then the connection is closed', async () => {
    await fixture.start({ messagesPerKey: 3 });
    const client = await fixture.session();
    for (const data of [1, 2]) {
      fixture.endpoint.server.emit('tick', data);
      expect(await client.nextJson()).toEqual({ event: 'tick', data });
    }
    fixture.endpoint.server.emit('tick', 3);
    expect((await client.client.closed).code).toBe(4401);
    expect(client.client.unread).toEqual([]);
  });
});

describe('what is not encrypted', () => {
  it('passes both ways for a connection without keys', async () => {
    await fixture.start();
    const client = await fixture.connect();
    expect(await client.client.ask('echo', 1)).toEqual({ id: 1, data: 1 });
  });

  it('is refused, and not sent, where encryption is required', async () => {
    await fixture.start({ require: true });
    const client = await fixture.connect();
    client.client.send(echo);
    expect(await client.client.nextJson()).toMatchObject({
      event: 'exception',
      data: { code: 'PROTECTION_REQUIRED' },
    });
    fixture.endpoint.server.emit('news', 1);
    expect(fixture.count('encryption.withheld')).toBe(1);
    client.client.send(await client.hello(echo));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
    expect(client.client.unread).toEqual([]);
  });

  it('is what the application says', async () => {
    await fixture.start({ outbound: ({ event }) => event === 'secret' });
    const client = await fixture.connect();
    client.client.send(await client.hello(echo));
    expect(await client.client.nextJson()).toEqual({ id: 1, data: 'secret' });
    fixture.endpoint.server.emit('secret', 1);
    expect(await client.nextJson()).toEqual({ event: 'secret', data: 1 });
  });

  it('is refused by @Encrypted() before the handler', async () => {
    await fixture.start({}, Encrypted.of());
    const client = await fixture.connect();
    expect(await client.client.ask('echo', 1)).toMatchObject({
      id: 1,
      error: { code: 'PROTECTION_REQUIRED' },
    });
    client.client.send(await client.hello(echo));
    expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
  });
});

describe('inside', () => {
  it('is a signature, verified by the stage behind, and made by it', async () => {
    const secret = Buffer.alloc(32, 7);
    const signing = Signing.of({ keys: staticKeys([hmacKey('h1', secret)]), outbound: 'all' });
    await fixture.start({}, signing);
    const client = await fixture.connect();
    const signed = await new CompactSign(Buffer.from('{"event":"how","id":1}'))
      .setProtectedHeader({ alg: 'HS256', kid: 'h1', iat: Math.floor(Date.now() / 1000), nonce: 'n1' })
      .sign(secret);
    client.client.send(await client.hello(signed, { cty: 'JWS' }));
    const { header, plaintext } = await client.next();
    expect(header).toMatchObject({ cty: 'JWS', kid: 'session' });
    const { payload } = await compactVerify(plaintext, secret);
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
      id: 1,
      data: { signed: { alg: 'HS256', kid: 'h1' }, encrypted: { alg: 'ECDH-ES', kid: 's1' } },
    });
  });

  it('is MessagePack', async () => {
    await fixture.start();
    const client = await fixture.connect(EncryptionFixture.key, 'gatewire.v1.msgpack');
    client.client.send(await client.hello(pack(echo), { cty: 'msgpack' }));
    const { header, plaintext } = await client.next();
    expect(header['cty']).toBe('msgpack');
    expect(unpack(plaintext)).toEqual({ id: 1, data: 'secret' });
  });

  it('is JSON with bytes', async () => {
    await fixture.start();
    const client = await fixture.connect(EncryptionFixture.key, 'gatewire.v1.json');
    const envelope = Buffer.from(JSON.stringify({ event: 'kind', id: 1 }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(envelope.length);
    const frame = Buffer.concat([length, envelope, Buffer.from([1, 2, 3])]);
    client.client.send(await client.hello(frame, { cty: 'octet-stream' }));
    expect(await client.nextJson()).toEqual({ id: 1, data: true });
    fixture.endpoint.server.emit('bytes', Buffer.from([1, 2, 3]));
    const { header, plaintext } = await client.next();
    expect(header['cty']).toBe('octet-stream');
    expect(plaintext.subarray(-3)).toEqual(Buffer.from([1, 2, 3]));
  });
});
