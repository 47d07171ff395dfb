import { RateLimitFixture } from './rate-limit-fixture.js';

let fixture: RateLimitFixture;
afterEach(() => fixture.engine.stop());

describe('a rate limit that closes', () => {
  it('tells the outcome, then closes with 4429', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000, onLimit: 'close' });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await client.closed).toEqual({ code: 4429, reason: 'too many messages' });
    expect(fixture.stages).toMatchObject({ 'rate-limit.closed': 1 });
  });

  it('closes who goes on after that many refusals in a window, and not one before', async () => {
    fixture = await RateLimitFixture.start({
      messages: 1,
      perMs: 60_000,
      closeAfter: { refusals: 3, perMs: 10_000 },
    });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 3)).toEqual(['ok', 'RATE_LIMITED', 'RATE_LIMITED']);
    fixture.clock.advance(10_000);
    expect(await fixture.codes(client, 3)).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await client.closed).toMatchObject({ code: 4429 });
    expect(fixture.engine.log.lines.join()).toContain('4429');
  });

  it('closes after 1,000 refusals in a minute by default, and never when told so', async () => {
    fixture = await RateLimitFixture.start(
      [
        { messages: 1, perMs: 600_000, events: ['a'] },
        { messages: 1, perMs: 600_000, events: ['b'], closeAfter: false },
      ],
      {
        a: () => 1,
        b: () => 1,
      },
    );
    const client = await fixture.connect();
    for (let i = 0; i < 3_000; i++) client.send({ event: 'b' });
    for (let i = 0; i < 1_000; i++) client.send({ event: 'a' });
    await fixture.settled(client);
    client.send({ event: 'a' });
    expect(await client.closed).toMatchObject({ code: 4429 });
  });
});

describe('a limit on pings and pongs', () => {
  it('closes with 4429 at the one too many of either kind', async () => {
    fixture = await RateLimitFixture.start({ controlFrames: 4, perMs: 1_000 });
    const [client, another] = [await fixture.connect(), await fixture.connect()];
    another.socket.ping();
    for (let i = 0; i < 2; i++) {
      client.socket.ping();
      client.socket.pong();
    }
    await fixture.settled(client);
    fixture.clock.advance(999);
    client.socket.pong();
    expect(await client.closed).toEqual({ code: 4429, reason: 'too many pings or pongs' });
    await fixture.settled(another);
    expect(fixture.stages).toEqual({ 'rate-limit.control-frames-refused': 1 });
  });

  it('counts neither messages nor what was long ago', async () => {
    fixture = await RateLimitFixture.start({ controlFrames: 2, perMs: 1_000 });
    const client = await fixture.connect();
    for (let i = 0; i < 5; i++) {
      client.socket.ping();
      client.socket.ping();
      await fixture.codes(client, 3);
      fixture.clock.advance(1_000);
    }
    expect(fixture.stages).toEqual({});
  });
});
