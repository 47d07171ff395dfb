import { createOriginPolicy, createTrustPolicy, type OriginOptions } from '../../lib/server/origin-policy.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';

const host = 'app.example.com';

describe('an origin policy', () => {
  it.each<[string, OriginOptions | undefined, [origin: string | undefined, isAllowed: boolean][]]>([
    [
      'nothing: the same host',
      undefined,
      [
        [undefined, true],
        ['https://app.example.com', true],
        ['https://app.example.com:443', true],
        ['https://APP.example.com', true],
        ['https://app.example.com:8443', false],
        ['https://example.com', false],
        ['https://app.example.com.evil.example', false],
        ['null', false],
        ['', false],
      ],
    ],
    [
      'exact origins, beside the same host',
      ['https://other.example', 'http://localhost:5173', 'https://münchen.example'],
      [
        [undefined, true],
        ['https://app.example.com', true],
        ['https://other.example', true],
        ['https://other.example:443', true],
        ['https://xn--mnchen-3ya.example', true],
        ['http://localhost:5173', true],
        ['http://localhost:5174', false],
        ['http://other.example', false],
        ['https://other.example.evil.example', false],
        ['https://evil.example/https://other.example', false],
        ['null', false],
      ],
    ],
    [
      'any subdomain',
      ['https://*.example.org', 'https://*.example.net:8443'],
      [
        ['https://a.example.org', true],
        ['https://a.b.example.org', true],
        ['https://example.org', false],
        ['https://.example.org', false],
        ['https://badexample.org', false],
        ['https://example.org.evil.example', false],
        ['http://a.example.org', false],
        ['https://a.example.org:8443', false],
        ['https://a.example.net:8443', true],
        ['https://a.example.net', false],
      ],
    ],
    [
      'a function',
      (origin, askedHost) => askedHost === host && origin.endsWith('.tenant.example'),
      [
        ['https://a.tenant.example', true],
        ['https://app.example.com', true],
        ['https://b.example', false],
        [undefined, true],
      ],
    ],
    [
      'functions among entries',
      ['https://other.example', (origin) => origin === 'null'],
      [
        ['https://other.example', true],
        ['null', true],
        ['https://b.example', false],
      ],
    ],
    ['everybody', false, [['https://evil.example', true]]],
    ['an empty list: the same host', [], [['https://evil.example', false]]],
  ])('of %s', (_name, origins, cases) => {
    const allows = createOriginPolicy(origins);
    for (const [origin, isAllowed] of cases)
      expect([origin, allows(origin, host)]).toEqual([origin, isAllowed]);
  });

  it('takes nothing but true for a yes', () => {
    const allows = createOriginPolicy((() => 'yes') as never);
    expect(allows('https://b.example', host)).toBe(false);
  });

  it('refuses an asynchronous function loudly, and no rejection of it is left alone', async () => {
    const fails = async (): Promise<boolean> => {
      await Promise.resolve();
      throw new Error('the database is down');
    };
    const allows = createOriginPolicy(fails as never);
    expect(() => allows('https://b.example', host)).toThrow('must not be asynchronous');
    await new Promise((resolve) => setImmediate(resolve));
  });

  it.each([
    'app.example.com',
    'https://app.example.com/path',
    'https://',
    '*',
    'https://*',
    'https://a.*.example',
    'https://a*.example',
    'https://a.example?b',
    'https://u@a.example',
    '',
  ])('has no entry %s', (entry) => {
    expect(() => createOriginPolicy([entry])).toThrow('gatewire option "origins"');
  });
});

describe('cookies', () => {
  it('are believed from pages that the list names; where all may connect, from those of the same host', () => {
    const open = createTrustPolicy(false);
    expect([open('https://evil.example', host), open(`https://${host}`, host)]).toEqual([false, true]);
    const listed = createTrustPolicy(['https://other.example']);
    expect(listed('https://other.example', host)).toBe(true);
    expect(listed('https://evil.example', host)).toBe(false);
  });
});

describe('a function that fails', () => {
  it('refuses with 500 and is logged', async () => {
    const fixture = await EngineFixture.start({
      options: {
        origins: () => {
          throw new Error('the list is gone');
        },
      },
    });
    const refused = await refusedUpgrade(fixture.url, [], { headers: { Origin: 'https://b.example' } });
    expect(refused).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
    expect(fixture.log.lines.join()).toContain('origins');
    await fixture.stop();
  });
});
