import { diffieHellman, createPublicKey, hkdfSync } from 'node:crypto';
import { compactDecrypt, type JWK } from 'jose';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';
import type { JoseClient } from '../support/jose-client.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { TestStageHost } from '../support/stage-host.js';

const fixture = new EncryptionFixture({
  authenticator: new Authenticator([new PlainTokens()], new TestStageHost()),
});
afterEach(() => fixture.stop());

const refused = {
  event: 'exception',
  data: { code: 'DECRYPTION_FAILED', message: 'the message cannot be decrypted', status: 'error' },
};
const auth = { event: '$auth', id: 1, data: { token: 'alice' } };
const protocol = 'gatewire.v1.json';

/** All that goes over the wire while a client agrees, authenticates, speaks and agrees again, each frame with its name. */
async function recorded(): Promise<{ client: JoseClient; sent: [string, string][]; received: string[] }> {
  const client = await fixture.connect(undefined, protocol);
  const sent: [string, string][] = [];
  const received: string[] = [];
  const say = (name: string, frame: string): void => {
    sent.push([name, frame]);
    client.client.send(frame);
  };
  const hear = async (): Promise<string> => {
    const frame = (await client.client.next()) as string;
    received.push(frame);
    return frame;
  };
  const agree = async (name: string): Promise<void> => {
    const request = await client.request();
    say(name, request.frame);
    client.use(await client.derive(request, JSON.parse(await hear()) as Record<string, unknown>));
  };
  const ask = async (name: string, message: object): Promise<void> => {
    say(name, await client.seal(message));
    expect(JSON.parse((await client.open(await hear())).plaintext.toString())).toMatchObject({ id: 1 });
  };
  await agree('$keys');
  await ask('$auth', auth);
  await ask('echo', { event: 'echo', id: 1, data: 'secret' });
  await agree('$keys again');
  await ask('echo again', { event: 'echo', id: 1, data: 'secret' });
  return { client, sent, received };
}

describe('a session that somebody has recorded', () => {
  it('does nothing on another connection as a whole: its first frame gives keys that nobody has', async () => {
    await fixture.start({ require: true });
    const { client, sent } = await recorded();
    const thief = await fixture.connect(undefined, protocol);
    const [, ...rest] = sent;
    thief.client.send(sent[0]?.[1]);
    const answer = await thief.client.nextJson();
    expect(answer).toMatchObject({ event: '$keys', data: { kid: 'session:1' } });
    for (const [, frame] of rest) {
      thief.client.send(frame);
      expect(await thief.client.nextJson()).toEqual(refused);
    }
    // Nobody is there: neither authenticated, nor with keys, nor told anything.
    expect(fixture.endpoint.connections.size).toBe(1);
    expect(fixture.count('authentication.first-message')).toBe(1);
    expect(fixture.count('encryption.agreed')).toBe(2);
    expect(thief.client.unread).toEqual([]);
    await client.send({ event: 'echo', id: 9, data: 1 });
    expect(await client.nextJson()).toEqual({ id: 9, data: 1 });
  });

  it('does nothing in any of its parts: alone, on a connection that has no keys', async () => {
    await fixture.start();
    const { sent } = await recorded();
    for (const [name, frame] of sent) {
      const thief = await fixture.connect(undefined, protocol);
      thief.client.send(frame);
      const answer = await thief.client.nextJson();
      // Anybody can ask for keys; who cannot derive them has none.
      if (name === '$keys') expect(answer).toMatchObject({ event: '$keys' });
      else expect([name, answer]).toEqual([name, refused]);
    }
    expect(fixture.count('authentication.first-message')).toBe(1);
  });

  it('does nothing in any of its parts: among those of a session of the thief', async () => {
    await fixture.start();
    const { sent } = await recorded();
    const thief = await fixture.connect(undefined, protocol);
    await thief.agree();
    await thief.send({ event: '$ping', id: 1 });
    expect(await thief.nextJson()).toMatchObject({ event: '$pong' });
    for (const [name, frame] of sent) {
      thief.client.send(frame);
      const { event, data } = await thief.nextJson();
      const code = name === '$keys' ? 'CONFLICT' : 'DECRYPTION_FAILED';
      expect([name, event, data]).toMatchObject([name, 'exception', { code }]);
    }
    expect(fixture.count('authentication.first-message')).toBe(1);
    expect(fixture.endpoint.connections.size).toBe(1);
  });

  it('does nothing on its own connection a second time', async () => {
    await fixture.start();
    const { client, sent } = await recorded();
    for (const [name, frame] of sent) {
      client.client.send(frame);
      const { event, data } = await client.nextJson();
      const code = name === '$keys' ? 'CONFLICT' : 'REPLAYED';
      expect([name, event, data]).toMatchObject([name, 'exception', { code }]);
    }
    expect(fixture.count('encryption.replayed')).toBe(4);
    await client.send({ event: 'echo', id: 9, data: 1 });
    expect(await client.nextJson()).toEqual({ id: 9, data: 1 });
  });

  it('says nothing to who gets the long-lived key of the server later', async () => {
    await fixture.start();
    const { sent, received } = await recorded();
    const { privateKey } = EncryptionFixture.key;
    // It opens what the session was opened with …
    const { plaintext } = await compactDecrypt(sent[0]?.[1] as string, privateKey);
    const { data } = JSON.parse(Buffer.from(plaintext).toString()) as {
      data: { jwk: JWK; secret: string };
    };
    const answer = JSON.parse(received[0] as string) as { data: { jwk: JWK } };
    // … and what follows was agreed on with keys that no longer exist.
    const [one, two] = [data.jwk.x, answer.data.jwk.x].map((x) => Buffer.from(x as string, 'base64url'));
    const keys = [data.jwk, answer.data.jwk].flatMap((jwk) => {
      const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
      const shared = diffieHellman({ privateKey, publicKey });
      return ['client-to-server', 'server-to-client'].map((direction) => {
        const info = Buffer.concat([Buffer.from(`gatewire/v1/${direction}`), one as Buffer, two as Buffer]);
        return new Uint8Array(hkdfSync('sha256', shared, Buffer.from(data.secret, 'base64url'), info, 32));
      });
    });
    const frames = [
      ...sent.slice(1).map(([, frame]) => frame),
      ...received.filter((one) => one.startsWith('ey')),
    ];
    expect(frames.length).toBe(7);
    for (const frame of frames)
      for (const key of [privateKey, ...keys]) await expect(compactDecrypt(frame, key)).rejects.toThrow();
  });
});

describe('what is encrypted for the long-lived key', () => {
  const data = { jwk: EncryptionFixture.key.publicJwk, secret: 'A'.repeat(43) };

  it.each<[string, unknown]>([
    ['$auth', { ...auth, id: undefined }],
    ['$ping', { event: '$ping' }],
    ['a message of the application', { event: 'echo', data }],
    ['an outcome', { id: 1, data }],
    ['a batch', [{ event: '$keys', data }]],
    ['a $keys without data', { event: '$keys' }],
    ['a $keys without a secret', { event: '$keys', data: { jwk: data.jwk } }],
    ['a $keys with a secret of 31 bytes', { event: '$keys', data: { ...data, secret: 'A'.repeat(42) } }],
    ['a $keys with a secret of 33 bytes', { event: '$keys', data: { ...data, secret: 'A'.repeat(44) } }],
    [
      'a $keys with a secret spelled otherwise',
      { event: '$keys', data: { ...data, secret: `${'A'.repeat(42)}B` } },
    ],
    ['a $keys with a secret that is no text', { event: '$keys', data: { ...data, secret: [1] } }],
    [
      'a $keys with another curve',
      { event: '$keys', data: { ...data, jwk: { ...data.jwk, crv: 'Ed25519' } } },
    ],
    [
      'a $keys with a point of small order',
      { event: '$keys', data: { ...data, jwk: { ...data.jwk, x: 'A'.repeat(43) } } },
    ],
    ['no JSON', '{'],
    ['no text', Buffer.from([0xff])],
  ])('is refused when it is %s', async (_, message) => {
    await fixture.start();
    const client = await fixture.connect(undefined, protocol);
    client.client.send(await client.forServer(message));
    expect(await client.client.nextJson()).toMatchObject({
      event: 'exception',
      data: { code: 'BAD_REQUEST' },
    });
    expect(fixture.count('encryption.misused')).toBe(1);
    expect(fixture.count('authentication.failed')).toBeUndefined();
  });

  it.each(['json', undefined, 'JWS'])(
    'is refused when its cty says that it is something else: %s',
    async (cty) => {
      await fixture.start({ require: true, maxAgreements: 1 });
      const client = await fixture.connect(undefined, protocol);
      client.client.send(await client.forServer(auth, { cty }));
      expect(await client.client.nextJson()).toMatchObject({ data: { code: 'BAD_REQUEST' } });
      // Before any work: it has not used up its one agreement.
      await client.agree();
      await client.send(auth);
      expect(await client.nextJson()).toMatchObject({ id: 1, data: { ok: true } });
    },
  );
});

it('a frame without a number, or with one that is not higher, is refused; gaps are not', async () => {
  await fixture.start();
  const client = await fixture.connect(undefined, protocol);
  await client.agree();
  await client.send(auth, { seq: 7 });
  expect(await client.nextJson()).toMatchObject({ data: { ok: true } });
  for (const seq of [undefined, 0, 6, 7]) {
    await client.send({ event: 'echo', id: 2 }, { seq });
    expect(await client.nextJson()).toMatchObject({ data: { code: 'REPLAYED' } });
  }
  for (const seq of [8, 1_000_000]) {
    await client.send({ event: 'echo', id: seq, data: 1 }, { seq });
    expect(await client.nextJson()).toEqual({ id: seq, data: 1 });
  }
});
