import { generateKeyPairSync } from 'node:crypto';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';
import { JoseClient } from '../support/jose-client.js';

const fixture = new EncryptionFixture();
afterEach(() => fixture.stop());

const echo = { event: 'echo', id: 1, data: 'secret' };
const refused = {
  event: 'exception',
  data: { code: 'DECRYPTION_FAILED', message: 'the message cannot be decrypted', status: 'error' },
};

describe('new keys', () => {
  it('drop no frame in flight: what was encrypted with those before is still read, both ways', async () => {
    await fixture.start();
    const client = await fixture.session();
    const [before, meanwhile, late] = [
      await client.seal({ ...echo, id: 2 }),
      await client.seal({ ...echo, id: 3 }, { seq: 100 }),
      await client.seal({ ...echo, id: 4 }, { seq: 101 }),
    ];
    const request = await client.request({ seq: 50 });
    // In one go: the one behind $keys is on its way while the server makes new keys.
    client.client.send(before);
    client.client.send(request.frame);
    client.client.send(meanwhile);
    expect(await client.nextJson()).toMatchObject({ id: 2 });
    const answer = await client.client.nextJson();
    expect(answer).toMatchObject({ event: '$keys', data: { kid: 'session:2' } });
    // The server goes on with the old ones until it has seen that the client has the new ones.
    expect(await client.next()).toMatchObject({ header: { kid: 'session:1' } });
    client.use(await client.derive(request, answer));
    await client.send({ ...echo, id: 5 });
    expect((await client.next()).header).toMatchObject({ kid: 'session:2', seq: 1 });
    client.client.send(late);
    expect(await client.nextJson()).toMatchObject({ id: 4 });
    expect(fixture.count('encryption.agreed')).toBe(2);
  });

  it('end those of two generations before', async () => {
    await fixture.start();
    const client = await fixture.session();
    const oldest = await client.seal({ ...echo, id: 2 });
    const first = client.keys;
    for (const id of [3, 4]) {
      await client.agree();
      await client.send({ ...echo, id });
      expect(await client.nextJson()).toMatchObject({ id });
      expect(client.keys.kid).toBe(`session:${id - 1}`);
      expect(client.keys.toServer).not.toEqual(first.toServer);
      client.client.send(await client.seal({ ...echo, id: 9 }, { seq: 50 + id }, first));
      expect(await client.nextJson()).toEqual(id === 3 ? { id: 9, data: 'secret' } : refused);
    }
    client.client.send(oldest);
    expect(await client.nextJson()).toEqual(refused);
  });

  it('are made 16 times, and are refused after that; the session goes on', async () => {
    await fixture.start();
    const client = await fixture.agreed();
    for (let times = 2; times <= 16; times++) await client.agree();
    expect(client.keys.kid).toBe('session:16');
    client.client.send((await client.request()).frame);
    expect(await client.nextJson()).toMatchObject({ data: { code: 'RATE_LIMITED' } });
    await client.send({ ...echo, id: 2 });
    expect(await client.nextJson()).toEqual({ id: 2, data: 'secret' });
    expect(fixture.count('encryption.tooOften')).toBe(1);
  });

  it('are made as often as the option says, those in vain included', async () => {
    await fixture.start({ maxAgreements: 2 });
    const client = await fixture.connect();
    client.client.send(await client.forServer({ event: '$keys' }));
    expect(await client.client.nextJson()).toMatchObject({ data: { code: 'BAD_REQUEST' } });
    await client.agree();
    client.client.send((await client.request()).frame);
    expect(await client.nextJson()).toMatchObject({ data: { code: 'RATE_LIMITED' } });
    // Each connection has a number of its own.
    expect((await fixture.agreed()).keys.kid).toBe('session:1');
  });

  it('are not made of what is no $keys: the ones there are stay', async () => {
    await fixture.start();
    const client = await fixture.session();
    const data = { jwk: EncryptionFixture.key.publicJwk, secret: 'A'.repeat(43) };
    const padded = (bytes: number): string => JSON.stringify({ event: '$keys', data }).padEnd(bytes);
    for (const message of [echo, { event: '$keys' }, padded(1537)]) {
      await client.send(message, { cty: 'keys' });
      expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'BAD_REQUEST' } });
    }
    await client.send(padded(1536), { cty: 'keys' });
    expect(await client.client.nextJson()).toMatchObject({ event: '$keys', data: { kid: 'session:5' } });
    // Where cty does not say so, it is a message like any other.
    await client.send({ event: '$keys', id: 2, data });
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'UNKNOWN_EVENT' } });
    expect(fixture.count('encryption.misused')).toBe(3);
  });

  it('are for who has the old ones: nobody on the way can take a session over', async () => {
    await fixture.start();
    const client = await fixture.session();
    const thief = new JoseClient(client.client, EncryptionFixture.key.publicJwk);
    client.client.send((await thief.request()).frame);
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'CONFLICT' } });
    await client.send({ ...echo, id: 2 });
    expect(await client.nextJson()).toEqual({ id: 2, data: 'secret' });
    expect(fixture.count('encryption.opened')).toBe(1);
  });

  it('are those of the last answer, where a session is asked for twice before it is used', async () => {
    await fixture.start();
    const client = await fixture.agreed();
    const again = await new JoseClient(client.client, EncryptionFixture.key.publicJwk).agree();
    await client.send(echo);
    expect(await client.client.nextJson()).toEqual(refused);
    await again.send({ ...echo, id: 2 });
    expect(await again.nextJson()).toEqual({ id: 2, data: 'secret' });
  });
});

it('the server key rotates while connections live', async () => {
  const next = x25519Key('s2', generateKeyPairSync('x25519').privateKey);
  let keys = [EncryptionFixture.key];
  await fixture.start({ keys: () => keys });
  const old = await fixture.session();
  keys = [next, EncryptionFixture.key];
  await (await fixture.connect(next)).agree();
  await fixture.session();
  keys = [next];
  const late = await fixture.connect();
  late.client.send((await late.request()).frame);
  expect(await late.client.nextJson()).toEqual(refused);
  // A session needs no server key any more.
  await old.agree();
  await old.send({ ...echo, id: 2 });
  expect(await old.nextJson()).toEqual({ id: 2, data: 'secret' });
});
