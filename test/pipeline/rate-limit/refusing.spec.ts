import { TestClient } from '../../support/test-client.js';
import { limited, RateLimitFixture } from './rate-limit-fixture.js';

let fixture: RateLimitFixture;
afterEach(() => fixture.engine.stop());

describe('a rate limit that refuses', () => {
  it('lets the limit through, refuses the next with when to come back, and recovers', async () => {
    fixture = await RateLimitFixture.start({ messages: 2, perMs: 1_000 });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 2)).toEqual(['ok', 'ok']);
    fixture.clock.advance(400);
    expect(await client.ask('echo', 1, 'x')).toEqual({ id: 'x', error: limited(600) });
    fixture.clock.advance(599);
    expect(await fixture.codes(client, 1)).toEqual(['RATE_LIMITED']);
    fixture.clock.advance(1);
    expect(await fixture.codes(client, 3)).toEqual(['ok', 'ok', 'RATE_LIMITED']);
    expect(fixture.stages).toEqual({ 'rate-limit.refused': 3 });
  });

  it('has a bucket that lets a burst through', async () => {
    fixture = await RateLimitFixture.start({
      messages: 2,
      perMs: 1_000,
      algorithm: 'token-bucket',
      burst: 4,
    });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 5)).toEqual(['ok', 'ok', 'ok', 'ok', 'RATE_LIMITED']);
    fixture.clock.advance(500);
    expect(await fixture.codes(client, 2)).toEqual(['ok', 'RATE_LIMITED']);
  });

  it('counts the bytes of frames', async () => {
    const frame = (id: string, data: string) => JSON.stringify({ event: 'echo', id, data });
    const small = frame('a', 'x'.repeat(10));
    fixture = await RateLimitFixture.start({ bytes: small.length * 2, perMs: 1_000 });
    const client = await fixture.connect();
    for (const id of ['a', 'b', 'c']) client.send(frame(id, 'x'.repeat(10)));
    expect(await client.nextJson()).toMatchObject({ id: 'a', data: expect.anything() });
    expect(await client.nextJson()).toMatchObject({ id: 'b', data: expect.anything() });
    expect(await client.nextJson()).toEqual({ id: 'c', error: limited(1_000) });
  });

  it('says of a message that could never pass that it is too large, not that it should come later', async () => {
    fixture = await RateLimitFixture.start({ bytes: 100, perMs: 1_000 });
    const client = await fixture.connect();
    expect(await client.ask('echo', 'x'.repeat(100))).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE' },
    });
    expect(await client.ask('echo', 'x'.repeat(10))).toMatchObject({ data: 'x'.repeat(10) });
  });

  it('counts each message of a batch', async () => {
    fixture = await RateLimitFixture.start({ messages: 2, perMs: 1_000 });
    const client = await fixture.connect();
    client.send([1, 2, 3].map((id) => ({ event: 'echo', id, data: id })));
    const frames = [await client.nextJson(), await client.nextJson(), await client.nextJson()];
    expect(frames.map(({ error }) => (error as { code: string } | undefined)?.code)).toEqual([
      undefined,
      undefined,
      'RATE_LIMITED',
    ]);
  });

  it('limits only the events it is told', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000, events: ['run'] });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 3)).toEqual(['ok', 'ok', 'ok']);
    expect(await fixture.codes(client, 2, 'run')).toEqual(['ok', 'RATE_LIMITED']);
  });

  it('tells a peer that waits for no outcome once a second, and counts the rest', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 60_000 });
    const client = await fixture.connect();
    for (let i = 0; i < 11; i++) client.send({ event: 'run', data: i });
    await fixture.settled(client);
    const exception = {
      event: 'exception',
      data: { status: 'error', code: 'RATE_LIMITED', message: 'too many messages' },
    };
    expect(fixture.others).toEqual([exception]);
    fixture.clock.advance(999);
    client.send({ event: 'run' });
    await fixture.settled(client);
    expect(fixture.others).toEqual([exception]);
    fixture.clock.advance(1);
    client.send({ event: 'run' });
    await fixture.settled(client);
    expect(fixture.others).toEqual([exception, exception]);
    expect(fixture.ran).toEqual([0]);
    expect(fixture.stages).toEqual({ 'rate-limit.refused': 12, 'dropped.rate-limit': 10 });
    // Requests get their outcome all the same.
    expect(await fixture.codes(client, 3)).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
  });
});

describe('a limit on handshakes', () => {
  it('refuses the one too many of an address with 429 and Retry-After', async () => {
    fixture = await RateLimitFixture.start({ handshakes: 2, perMs: 10_000 });
    await fixture.connect();
    await fixture.connect();
    fixture.clock.advance(2_500);
    const refused = new TestClient(fixture.engine.url);
    const response = await new Promise<{ status: number | undefined; retryAfter: string | undefined }>(
      (resolve) =>
        refused.socket.on('unexpected-response', (_request, { statusCode, headers, ...rest }) => {
          void rest;
          resolve({ status: statusCode, retryAfter: headers['retry-after'] });
        }),
    );
    refused.terminate();
    expect(response).toEqual({ status: 429, retryAfter: '8' });
    fixture.clock.advance(7_500);
    await fixture.connect();
    expect(fixture.stages).toEqual({ 'rate-limit.handshakes-refused': 1 });
  });
});
