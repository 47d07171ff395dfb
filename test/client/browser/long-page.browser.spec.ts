import { jest } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PageServer } from './page-server.js';

jest.setTimeout(60_000);

const program = `
import { createClient, fixed, persist } from 'gatewire/client';
import { indexedDb } from 'gatewire/client/storage';
const client = createClient({ url: '/', reconnect: fixed(20), storage: persist(indexedDb({ name: 'page' })) });
const ask = async (count) => {
  for (let at = 0; at < count; at += 100)
    await Promise.all(Array.from({ length: 100 }, (_, n) => client.request('echo', at + n)));
};
Object.assign(globalThis, { client, ask });
`;

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('a page that asks', () => {
  let server: PageServer;
  let profile: BrowserContext;
  let page: Page;
  let handled: string[];
  let answer: () => void;

  beforeAll(async () => {
    server = await PageServer.start({
      handlers: {
        echo: (data) => data,
        slow: (data) => {
          handled.push(`slow ${String(data)}`);
          return new Promise<void>((resolve) => (answer = resolve));
        },
        note: (data) => void handled.push(`note ${String(data)}`),
      },
      programs: { '/app.js': program },
    });
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    handled = [];
    profile = await server.browser.newContext();
    page = await server.open('/', profile);
  });
  afterEach(() => profile.close());

  const seen = async (count: number): Promise<void> => {
    while (handled.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it.each(['is loaded again', 'crashes'])(
    'and %s before the answer has its request handled once, and its next emit after it',
    async (end) => {
      void page.evaluate(`client.request('slow', 1)`).catch(() => undefined);
      await seen(1);
      if (end === 'crashes') {
        await page.goto('chrome://crash').catch(() => undefined);
        page = await server.open('/', profile);
      } else await page.reload();
      await page.waitForFunction(`globalThis.client`);
      await page.evaluate(`client.emit('note', 2).delivered`);
      answer();
      await page.evaluate(`client.emit('note', 3).delivered`);
      expect(handled).toEqual(['slow 1', 'note 2', 'note 3']);
    },
  );

  it('50,000 times has no more on its heap than before', async () => {
    const devtools = await profile.newCDPSession(page);
    const heap = async (): Promise<number> => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    await page.waitForFunction(`globalThis.client`);
    // What a first use leaves, once: compiled code, and what is remembered up to its bound.
    await page.evaluate(`ask(5_000)`);
    const before = await heap();
    await page.evaluate(`ask(50_000)`);
    expect((await heap()) - before).toBeLessThan(1_000_000);
  });
});
