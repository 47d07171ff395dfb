import { addressBlock } from '../../../lib/pipeline/stages/rate-limit/address-block.js';
import { RateLimitFixture } from './rate-limit-fixture.js';

let fixture: RateLimitFixture;
afterEach(() => fixture.engine.stop());

describe('whose messages are counted together', () => {
  it('those of a connection, by default', async () => {
    fixture = await RateLimitFixture.start({ messages: 1, perMs: 1_000 });
    const [a, b] = [await fixture.connect(), await fixture.connect()];
    expect(await fixture.codes(a, 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(b, 2)).toEqual(['ok', 'RATE_LIMITED']);
  });

  it('those of an address', async () => {
    fixture = await RateLimitFixture.start({ messages: 2, perMs: 1_000, by: 'address' });
    const [a, b] = [await fixture.connect(), await fixture.connect()];
    expect([...(await fixture.codes(a, 1)), ...(await fixture.codes(b, 2))]).toEqual([
      'ok',
      'ok',
      'RATE_LIMITED',
    ]);
  });

  it('those of a user on all devices; of nobody known, those of the address', async () => {
    fixture = await RateLimitFixture.start({ messages: 2, perMs: 1_000, by: 'user' });
    const [a, b, c] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    // Logging in counts for the address.
    await a.ask('login', 'ann');
    await b.ask('login', 'ann');
    expect(await fixture.codes(c, 1)).toEqual(['RATE_LIMITED']);
    expect([...(await fixture.codes(a, 1)), ...(await fixture.codes(b, 2))]).toEqual([
      'ok',
      'ok',
      'RATE_LIMITED',
    ]);
  });

  it('those of an event, and of combinations', async () => {
    fixture = await RateLimitFixture.start([
      { messages: 1, perMs: 1_000, by: ['connection', 'event'] },
      { messages: 3, perMs: 1_000, by: 'event', events: ['echo'] },
    ]);
    const [a, b, c] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
    expect(await fixture.codes(a, 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(a, 2, 'run')).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(b, 2)).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(c, 1)).toEqual(['ok']);
    const d = await fixture.connect();
    expect(await fixture.codes(d, 1)).toEqual(['RATE_LIMITED']);
  });

  it('what a function says; undefined is free', async () => {
    fixture = await RateLimitFixture.start({
      messages: 1,
      perMs: 1_000,
      by: ({ data }) => (data === 'free' ? undefined : String(data)),
    });
    const client = await fixture.connect();
    expect(await fixture.codes(client, 2, 'echo', 'a')).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(client, 2, 'echo', 'b')).toEqual(['ok', 'RATE_LIMITED']);
    expect(await fixture.codes(client, 3, 'echo', 'free')).toEqual(['ok', 'ok', 'ok']);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['unix socket', 'unix socket'],
  ])('an address %s counts as %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});
