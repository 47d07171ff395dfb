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
