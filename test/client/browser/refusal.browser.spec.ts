import { jest } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { Authenticator } from '../../../lib/pipeline/stages/authentication/authenticator.js';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PlainTokens } from '../../support/plain-tokens.js';
import { TestStageHost } from '../../support/stage-host.js';
import { PageServer } from './page-server.js';

jest.setTimeout(60_000);

const program = `
import { createClient, fixed } from 'gatewire/client';
globalThis.begin = (tokens, options) => {
  const asked = [], codes = [];
  const token = () => {
    const one = tokens[Math.min(asked.length, tokens.length - 1)];
    asked.push(one);
    return one;
  };
  const client = createClient({ url: '/', token, reconnect: fixed(20), ...options });
  client.when('state', ({ closed: how }) => how && codes.push(how.code));
  Object.assign(globalThis, { client, asked, codes });
  client.connect();
};
globalThis.isReady = true;
`;

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('a page whose token is refused', () => {
  let server: PageServer;
  let profile: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    server = await PageServer.start({
      authenticator: new Authenticator([new PlainTokens()], new TestStageHost()),
      handlers: { who: (_data, { connection }) => connection.principal?.id },
      programs: { '/app.js': program },
    });
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    profile = await server.browser.newContext();
    page = await server.open('/', profile);
    await page.waitForFunction('globalThis.isReady');
  });
  afterEach(() => profile.close());

  const begin = (tokens: string[], options: object = {}): Promise<unknown> =>
    page.evaluate(`begin(${JSON.stringify(tokens)}, ${JSON.stringify(options)})`);

  it('is told nothing before the 101: each attempt is 1006, and asks for the token again', async () => {
    await begin(['bad', 'bad', 'alice']);
    await page.waitForFunction(`client.state === 'open'`);
    expect(await page.evaluate('asked')).toEqual(['bad', 'bad', 'alice']);
    expect(new Set(await page.evaluate<number[]>('codes'))).toEqual(new Set([1006]));
    expect(await page.evaluate(`client.request('who')`)).toBe('alice');
  });

  it('is told 4401 of a token in a message, and comes back with a fresh one', async () => {
    await begin(['bad', 'alice'], { tokenIn: 'message' });
    await page.waitForFunction(`client.state === 'open'`);
    expect(await page.evaluate('asked')).toEqual(['bad', 'alice']);
    expect(new Set(await page.evaluate<number[]>('codes'))).toEqual(new Set([4401]));
    expect(await page.evaluate(`client.request('who')`)).toBe('alice');
  });
});
