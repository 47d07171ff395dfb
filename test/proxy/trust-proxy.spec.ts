import type { EngineOptions } from '../../lib/server/options.js';
import { createTrustProxy, type TrustProxyOption } from '../../lib/server/trust-proxy.js';
import { EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture | undefined;

async function stop(): Promise<void> {
  await fixture?.stop();
  fixture = undefined;
}

afterEach(stop);

/** Serves with these options, from 127.0.0.1; gives what the gateway sees of one handshake. */
async function seen(
  options: EngineOptions,
  headers: Record<string, string>,
): Promise<{ address: string; isSecure: boolean }> {
  await stop();
  fixture = await EngineFixture.start({ options });
  await fixture.connect('/', [], { headers });
  const [connection] = fixture.endpoint.connections;
  const { address, isSecure } = connection!.handshake;
  return { address, isSecure };
}

const address = async (trustProxy: TrustProxyOption, forwardedFor: string): Promise<string> =>
  (await seen({ trustProxy }, { 'X-Forwarded-For': forwardedFor })).address;

describe('trustProxy', () => {
  it.each<[string, TrustProxyOption, string, string]>([
    ['nobody is trusted', false, '203.0.113.7', '127.0.0.1'],
    ['all are trusted', true, '203.0.113.7, 198.51.100.2', '203.0.113.7'],
    ['no hop is trusted', 0, '203.0.113.7', '127.0.0.1'],
    ['one hop is trusted', 1, '203.0.113.7, 198.51.100.2', '198.51.100.2'],
    ['two hops are trusted', 2, '192.0.2.1, 203.0.113.7, 198.51.100.2', '203.0.113.7'],
    ['more hops are trusted than there are', 9, '203.0.113.7, 198.51.100.2', '203.0.113.7'],
    ['a name is trusted', 'loopback', '203.0.113.7, 198.51.100.2', '198.51.100.2'],
    ['names with commas are trusted', 'loopback, uniquelocal', '203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['a list is trusted', ['127.0.0.1', '198.51.100.0/24'], '203.0.113.7, 198.51.100.2', '203.0.113.7'],
    ['the peer is not on the list', ['10.0.0.0/8'], '203.0.113.7', '127.0.0.1'],
    ['the list names IPv6', ['loopback', '2001:db8::/32'], '203.0.113.7, 2001:db8::5', '203.0.113.7'],
    ['a function decides', (_: string, hop: number) => hop === 0, '203.0.113.7, 10.0.0.1', '10.0.0.1'],
  ])('takes the right address when %s', async (_name, trust, forwardedFor, expected) => {
    expect(await address(trust, forwardedFor)).toBe(expected);
  });

  it.each([
    ['what is no address', 'unknown, 198.51.100.2', '198.51.100.2'],
    ['an obfuscated name', '_hidden', '127.0.0.1'],
    ['an empty header', '', '127.0.0.1'],
  ])('passes over %s', async (_name, forwardedFor, expected) => {
    expect(await address(true, forwardedFor)).toBe(expected);
  });

  it.each([
    ['198.51.100.2:4711', '198.51.100.2'],
    ['[2001:db8::5]:4711', '2001:db8::5'],
    ['[2001:db8::5]', '2001:db8::5'],
    ['2001:db8::5', '2001:db8::5'],
  ])('reads %s', async (forwardedFor, expected) => {
    expect(await address(1, forwardedFor)).toBe(expected);
  });

  it.each<[TrustProxyOption, string, boolean]>([
    ['loopback', 'https', true],
    ['loopback', 'WSS', true],
    ['loopback', 'https, http', true],
    ['loopback', 'http', false],
    ['loopback', '', false],
    [false, 'https', false],
    ['10.0.0.1', 'https', false],
  ])('with %p, X-Forwarded-Proto "%s" means encrypted: %p', async (trustProxy, proto, expected) => {
    expect((await seen({ trustProxy }, { 'X-Forwarded-Proto': proto })).isSecure).toBe(expected);
  });

  it('compares the origin with the forwarded host, of a trusted proxy only', async () => {
    const headers = { Origin: 'https://app.example.com', 'X-Forwarded-Host': 'app.example.com, inner' };
    expect((await seen({ trustProxy: 'loopback' }, headers)).address).toBe('127.0.0.1');
    await expect(seen({ trustProxy: '10.0.0.1' }, headers)).rejects.toThrow('403');
    await expect(seen({ trustProxy: false }, headers)).rejects.toThrow('403');
  });

  it.each<[string, unknown]>([
    ['a word', 'everybody'],
    ['a bad range', '10.0.0.0/33'],
    ['an empty text', ''],
    ['an empty list', []],
    ['a negative number', -1],
    ['half a hop', 1.5],
  ])('refuses %s when the application starts', (_name, option) => {
    expect(() => createTrustProxy(option as TrustProxyOption)).toThrow('trustProxy');
  });
});
