import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { storageContract } from '../client/storage/contract.js';
import type { DriverName, StorageTests } from '../client/storage/storage-page.js';
import { Bundle } from '../support/bundle.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { describeWith, succeeds } from './required-program.js';

jest.setTimeout(120_000);

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('storage in a browser', () => {
  let bundle: Bundle;
  let browser: Browser;
  let context: BrowserContext;
  let pages: Server;
  let origin: string;

  beforeAll(async () => {
    bundle = await Bundle.of('test/client/storage/storage-page.ts', 'browser');
    const script = readFileSync(bundle.file, 'utf8');
    pages = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<script type=module src=/page.js></script>');
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    origin = `http://localhost:${(pages.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });

  afterAll(async () => {
    await browser.close();
    pages.close();
    bundle.remove();
  });

  beforeEach(async () => (context = await browser.newContext()));
  afterEach(() => context.close());

  async function tab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(origin);
    return page;
  }

  /** Calls a function of the page. */
  function call<Name extends keyof StorageTests>(
    page: Page,
    name: Name,
    ...args: Parameters<StorageTests[Name]>
  ): Promise<Awaited<ReturnType<StorageTests[Name]>>> {
    return page.evaluate(
      async ([called, given]) => {
        const { tests } = globalThis as unknown as { tests: Record<string, (...all: unknown[]) => unknown> };
        return tests[called]!(...given);
      },
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<StorageTests[Name]>>>;
  }

  async function until(what: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 20_000;
    while (!(await what())) {
      if (Date.now() > end) throw new Error(`never: ${String(what)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const drivers: DriverName[] = [
    'a database of IndexedDB',
    'items of localStorage',
    'indexedDb()',
    'webStorage()',
    'webStorage() that ends with the tab',
  ];

  describe.each(drivers)('%s', (driver) => {
    it.each(storageContract.map(({ name }) => name))('%s', async (name) => {
      expect(await call(await tab(), 'contract', driver, name)).toBe('');
    });
  });

  it('refuses what does not fit into localStorage, and takes back the part that did', async () => {
    const outcome = await call(await tab(), 'full', 'quota');
    const kept = [
      ['kept', 1],
      ['replaced', 1],
    ];
    expect(outcome).toEqual({ one: 'full', several: 'full', kept });
  });

  it('undoes what a page that was killed had done of a save', async () => {
    const outcome = await call(await tab(), 'interrupted', 'killed');
    const after = [
      ['a', 1],
      ['b', 1],
    ];
    expect(outcome).toEqual({ killed: 'Error: killed', between: '2', after });
  });

  it('says what is missing where a page has no locks', async () => {
    const page = await context.newPage();
    await context.route('http://insecure.test/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<script type=module>${readFileSync(bundle.file, 'utf8')}</script>`,
      }),
    );
    await page.goto('http://insecure.test/');
    await expect(call(page, 'open', 'indexedDb()', 'x')).rejects.toThrow('without the Web Locks API');
  });

  describe.each(['indexedDb()', 'webStorage()'] as const)('tabs with %s', (driver) => {
    it('have each their own, and nothing of the other’s', async () => {
      const [one, two] = [await tab(), await tab()];
      expect(await call(one, 'open', driver, 'tabs')).toEqual([]);
      expect(await call(two, 'open', driver, 'tabs')).toEqual([]);
      await call(one, 'save', { session: 1, 'out/1': 'one' });
      await call(two, 'save', { session: 2, 'out/1': 'two' });
      expect(await call(one, 'load')).toEqual([
        ['out/1', 'one'],
        ['session', 1],
      ]);
      expect(await call(two, 'load')).toEqual([
        ['out/1', 'two'],
        ['session', 2],
      ]);
    });

    it.each(['is closed', 'crashes'])(
      'take over the messages of one that %s, and nothing else',
      async (how) => {
        const [one, two, three] = [await tab(), await tab(), await tab()];
        // One of them was there before it, the other comes later.
        await call(two, 'open', driver, 'tabs');
        await call(one, 'open', driver, 'tabs');
        await call(three, 'open', driver, 'tabs');
        await call(one, 'save', { session: 1, 'out/1': 'left', 'room/"a"/1': 'received' });
        if (how === 'crashes') {
          await one.goto('chrome://crash').catch(() => undefined);
        } else await one.close();
        const told = async (): Promise<string[]> => [
          ...(await call(two, 'told')),
          ...(await call(three, 'told')),
        ];
        await until(async () => (await told()).length > 0);
        const kept = [...(await call(two, 'load')), ...(await call(three, 'load'))];
        expect(kept).toEqual([[(await told())[0], 'left']]);
        expect(kept[0]?.[0]).toMatch(/^out\/1\./);
      },
    );

    it('come back to their own when they are loaded again, while others are there', async () => {
      const [one, two] = [await tab(), await tab()];
      await call(one, 'open', driver, 'tabs');
      await call(two, 'open', driver, 'tabs');
      await call(one, 'save', { session: 'one', 'out/1': 1 });
      await call(two, 'save', { session: 'two', 'out/2': 2 });
      for (let time = 0; time < 10; time++) {
        const page = time % 2 === 0 ? one : two;
        await page.reload();
        const [message, session] = await call(page, 'open', driver, 'tabs');
        expect([time, message?.[0], session?.[1]]).toEqual(
          page === one ? [time, 'out/1', 'one'] : [time, 'out/2', 'two'],
        );
      }
    });

    it('find what all tabs have left: the session of the last one, and the messages of all', async () => {
      for (const number of [1, 2, 3]) {
        const page = await tab();
        await call(page, 'open', driver, 'tabs');
        await page.waitForTimeout(2);
        await call(page, 'save', { session: number, [`out/${number}`]: number });
      }
      await Promise.all(context.pages().map((page) => page.close()));
      const later = await tab();
      const kept = await call(later, 'open', driver, 'tabs');
      expect(kept.map(([, value]) => value)).toEqual([1, 2, 3, 3]);
      expect(kept[3]).toEqual(['session', 3]);
    });
  });

  describe('a client', () => {
    let server: EngineFixture;
    let notes: unknown[];

    beforeEach(async () => {
      notes = [];
      server = await EngineFixture.start({
        options: { origins: [origin] },
        handlers: { note: (data) => void notes.push(data) },
      });
    });

    afterEach(() => server.stop());

    it('sends once what was written offline in a page that is loaded again', async () => {
      const page = await tab();
      await call(page, 'connect', server.url);
      await until(async () => (await call(page, 'state')).state === 'open');
      await context.setOffline(true);
      for (const number of [1, 2, 3]) await call(page, 'emit', 'note', number);
      await until(async () => (await call(page, 'state')).pending === 3);
      await page.waitForTimeout(200);
      await context.setOffline(false);
      await page.reload();
      await call(page, 'connect', server.url);
      await until(async () => notes.length >= 3 && (await call(page, 'state')).pending === 0);
      await page.reload();
      await call(page, 'connect', server.url);
      await until(async () => (await call(page, 'state')).state === 'open');
      expect(notes).toEqual([1, 2, 3]);
    });

    it('sends once what another tab had no time to send', async () => {
      const [one, two] = [await tab(), await tab()];
      for (const page of [one, two]) {
        await call(page, 'connect', 'ws://localhost:9/nobody');
      }
      for (const number of [1, 2, 3]) await call(one, 'emit', 'note', number);
      await call(two, 'emit', 'note', 4);
      await one.waitForTimeout(200);
      await two.reload();
      await call(two, 'connect', server.url);
      await until(async () => notes.length >= 1);
      // The other one is there: what it has is its own.
      await two.waitForTimeout(200);
      expect(notes).toEqual([4]);
      await one.close();
      await until(async () => notes.length >= 4 && (await call(two, 'state')).pending === 0);
      expect(notes).toEqual([4, 1, 2, 3]);
    });
  });
});
