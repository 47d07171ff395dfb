import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { CompactEncrypt, CompactSign, compactVerify } from 'jose';
import { pack, unpack } from 'msgpackr';
import { Encrypted } from '../../lib/nest/decorators/encrypted.decorator.js';
import { concatKdf } from '../../lib/pipeline/stages/encryption/concat-kdf.js';
import { Signing } from '../../lib/nest/decorators/signed.decorator.js';
import { hmacKey, staticKeys } from '../../lib/pipeline/stages/signing/signing-keys.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { deferred } from '../support/engine-fixture.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';

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

describe('a client with WebCrypto and jose', () => {
  it('opens a session with $keys, and speaks both ways with its keys', async () => {
    await fixture.start();
    const client = await fixture.connect();
    const request = await client.request();
    client.client.send(request.frame);
    // In JSON and in plain, whatever the stages behind do: nothing in it is secret.
    const answer = await client.client.nextJson();
    const x = expect.stringMatching(/^[\w-]{43}$/) as string;
    expect(answer).toEqual({
      event: '$keys',
      data: { kid: 'session:1', jwk: { kty: 'OKP', crv: 'X25519', x } },
    });
    client.use(await client.derive(request, answer));
    expect(fixture.count('encryption.agreed')).toBeUndefined();
    await client.send({ event: 'how', id: 1 });
    const first = await client.next();
    const header = { alg: 'dir', enc: 'A256GCM', kid: 'session:1' };
    expect(first.header).toEqual({ ...header, cty: 'json', seq: 1 });
    expect(JSON.parse(first.plaintext.toString())).toEqual({ id: 1, data: { encrypted: header } });
    expect(fixture.count('encryption.agreed')).toBe(1);
    fixture.endpoint.server.emit('news', { päärynä: 1 });
    const second = await client.next();
    expect(second.header).toMatchObject({ seq: 2 });
    expect(JSON.parse(second.plaintext.toString())).toEqual({ event: 'news', data: { päärynä: 1 } });
  });

  it('gets frames of the structure of RFC 7516 section 7.1, each with an IV and a number of its own', async () => {
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
      // The first was the answer to its $ping.
      expect(JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString())).toMatchObject({
        seq: id + 2,
      });
    }
    expect(ivs.size).toBe(300);
  });

  it('gets each number once, also where a message has waited and comes after higher ones', async () => {
    const waiting = deferred();
    const slow: GatewayMiddleware = {
      outbound: async (message, next) => {
        if (message.event === 'slow') await waiting.promise;
        return next();
      },
    };
    await fixture.start({}, slow);
    const client = await fixture.session();
    for (const event of ['slow', 'quick', 'quick']) fixture.endpoint.server.emit(event);
    waiting.resolve();
    const frames = [await client.next(), await client.next(), await client.next()];
    expect(frames.map(({ plaintext }) => plaintext.toString())).toEqual([
      expect.stringContaining('slow'),
      expect.stringContaining('quick'),
      expect.stringContaining('quick'),
    ]);
    const numbers = frames.map(({ header }) => header['seq']);
    expect(new Set(numbers).size).toBe(3);
    expect(numbers[0]).not.toBe(2);
  });

  it('may say who is who (apu, apv)', async () => {
    await fixture.start();
    const client = await fixture.connect();
    const data = { jwk: EncryptionFixture.key.publicJwk, secret: 'A'.repeat(43) };
    const token = await new CompactEncrypt(Buffer.from(JSON.stringify({ event: '$keys', data })))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 's1', cty: 'keys' })
      .setKeyManagementParameters({ apu: Buffer.from('Alice'), apv: Buffer.from('Bob') })
      .encrypt(createPublicKey({ key: EncryptionFixture.key.publicJwk, format: 'jwk' }));
    client.client.send(token);
    expect(await client.client.nextJson()).toMatchObject({ event: '$keys' });
  });

  it('is sent nothing encrypted before it has shown that it has the keys', async () => {
    await fixture.start();
    const client = await fixture.agreed();
    fixture.endpoint.server.emit('news', 1);
    expect(await client.client.nextJson()).toEqual({ event: 'news', data: 1 });
    await client.send({ event: '$ping' });
    expect(await client.nextJson()).toMatchObject({ event: '$pong' });
    fixture.endpoint.server.emit('news', 2);
    expect(await client.nextJson()).toEqual({ event: 'news', data: 2 });
  });

  it('has keys of its own: no other connection can use them', async () => {
    await fixture.start();
    const [one, two] = [await fixture.session(), await fixture.session()];
    expect(one.keys.kid).toBe(two.keys.kid);
    two.client.send(await one.seal(echo));
    expect(await two.nextJson()).toEqual(refused);
    const stranger = await fixture.connect();
    stranger.client.send(await one.seal(echo));
    expect(await stranger.client.nextJson()).toEqual(refused);
    expect([fixture.count('encryption.wrong'), fixture.count('encryption.unknownKey')]).toEqual([1, 1]);
  });
});

describe('a session key is used for so many messages', () => {
  it('from the client, then the connection is closed', async () => {
    await fixture.start({ messagesPerKey: 3, outbound: () => false });
    const client = await fixture.agreed();
    for (const id of [1, 2, 3]) {
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
    await client.agree();
    fixture.endpoint.server.emit('news', 2);
    expect(fixture.count('encryption.withheld')).toBe(2);
    await client.send(echo);
    expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
    expect(client.client.unread).toEqual([]);
  });

  it('is what the application says', async () => {
    await fixture.start({ outbound: ({ event }) => event === 'secret' });
    const client = await fixture.agreed();
    await client.send(echo);
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
    await client.agree();
    await client.send(echo);
    expect(await client.nextJson()).toEqual({ id: 1, data: 'secret' });
  });
});

describe('inside', () => {
  it('is a signature, verified by the stage behind, and made by it', async () => {
    const secret = Buffer.alloc(32, 7);
    const signing = Signing.of({ keys: staticKeys([hmacKey('h1', secret)]), outbound: 'all' });
    await fixture.start({}, signing);
    const client = await fixture.agreed();
    const signed = await new CompactSign(Buffer.from('{"event":"how","id":1}'))
      .setProtectedHeader({ alg: 'HS256', kid: 'h1', iat: Math.floor(Date.now() / 1000), nonce: 'n1' })
      .sign(secret);
    await client.send(signed, { cty: 'JWS' });
    const { header, plaintext } = await client.next();
    expect(header).toMatchObject({ cty: 'JWS', kid: 'session:1' });
    const { payload } = await compactVerify(plaintext, secret);
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
      id: 1,
      data: { signed: { alg: 'HS256', kid: 'h1' }, encrypted: { alg: 'dir', kid: 'session:1' } },
    });
  });

  it('is MessagePack', async () => {
    await fixture.start();
    const client = await fixture.agreed('gatewire.v1.msgpack');
    await client.send(pack(echo), { cty: 'msgpack' });
    const { header, plaintext } = await client.next();
    expect(header['cty']).toBe('msgpack');
    expect(unpack(plaintext)).toEqual({ id: 1, data: 'secret' });
  });

  it('is JSON with bytes', async () => {
    await fixture.start();
    const client = await fixture.agreed('gatewire.v1.json');
    const envelope = Buffer.from(JSON.stringify({ event: 'kind', id: 1 }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(envelope.length);
    const frame = Buffer.concat([length, envelope, Buffer.from([1, 2, 3])]);
    await client.send(frame, { cty: 'octet-stream' });
    expect(await client.nextJson()).toEqual({ id: 1, data: true });
    fixture.endpoint.server.emit('bytes', Buffer.from([1, 2, 3]));
    const { header, plaintext } = await client.next();
    expect(header['cty']).toBe('octet-stream');
    expect(plaintext.subarray(-3)).toEqual(Buffer.from([1, 2, 3]));
  });
});
