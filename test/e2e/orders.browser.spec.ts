import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import Database from 'libsql';
import { type Browser, chromium, type Page } from 'playwright-core';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { describeWith, succeeds } from './required-program.js';

jest.setTimeout(120_000);

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));
/** When and where the server is killed: `SEED=…` kills as it did then. */
const seed = process.env['SEED'] ?? String(Math.floor(Math.random() * 100_000));

interface Row {
  readonly number: number;
  readonly key: string;
  readonly drink: string;
  readonly cups: number;
}

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('the orders in a browser', () => {
  let browser: Browser;
  let server: SampleServer;
  let data: string;
  let origin: string;
  const errors: string[] = [];

  beforeAll(async () => {
    await buildSample('05-orders');
    mkdirSync(screenshots, { recursive: true });
    data = mkdtempSync(join(tmpdir(), 'gatewire-orders-'));
    const port = await freePort();
    origin = `http://localhost:${port}/`;
    server = await SampleServer.start('05-orders', port, {
      SERVER_PORT: String(await freePort()),
      DATA: data,
      SEED: seed,
      KILL_MIN_MS: '300',
      KILL_MAX_MS: '1000',
    });
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1240, height: 820 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(origin);
    return page;
  }
  const count = async (page: Page, id: string): Promise<number> =>
    Number(await page.locator(`#${id}`).textContent());
  const feedOf = (page: Page): Promise<string[]> => page.locator('#feed li').allInnerTexts();

  /** Counts what is shown, until it is so: the words are told when it never is. */
  async function until(page: Page, what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let waits = 0; waits < 1_200; waits++) {
      if (await isSo()) return;
      await page.waitForTimeout(50);
    }
    throw new Error(
      `SEED=${seed}: never ${what}; ${await page.locator('body').innerText()}\n${server.output}`,
    );
  }
  const killed = (page: Page, times: number): Promise<void> =>
    until(page, `${times} kills`, async () => (await count(page, 'kills')) >= times);
  const settled = (page: Page): Promise<void> =>
    until(page, 'settled', async () => {
      const [sent, confirmed, rows] = await Promise.all(
        ['sent', 'confirmed', 'rows'].map((id) => count(page, id)),
      );
      return sent === confirmed && rows! >= sent!;
    });

  it(`loses no order, and doubles none, while their server is killed six times (SEED=${seed})`, async () => {
    const ada = await open();
    await ada.waitForSelector('#connection[data-state="open"]');
    await ada.click('#order');
    await settled(ada);
    await ada.click('#kill');
    await killed(ada, 1);
    await ada.waitForSelector('#deaths li >> text="at a random moment"');

    await ada.check('#always');
    await ada.check('#hunt');
    await killed(ada, 2);
    const bob = await open();
    await bob.check('#always');
    await killed(ada, 4);
    await ada.screenshot({ path: `${screenshots}orders.png` });
    // What waits then is sent by the next life of the page, under the same key.
    await ada.reload();
    await ada.check('#always');
    await killed(ada, 6);
    await ada.uncheck('#hunt');
    await Promise.all([ada, bob].map((page) => page.uncheck('#always')));
    await Promise.all([settled(ada), settled(bob)]);

    const total = (await count(ada, 'sent')) + (await count(bob, 'sent'));
    for (const page of [ada, bob]) {
      expect(await page.textContent('#verdict')).toMatch(/: none lost, none doubled\.$/);
      expect(await count(page, 'rows')).toBe(await count(page, 'sent'));
      await until(page, `No. ${total}`, async () =>
        ((await page.textContent('#feed-summary')) ?? '').endsWith(`to ${total}: no gap, none twice.`),
      );
    }
    expect(await count(bob, 'resumes')).toBeGreaterThan(0);
    await bob.screenshot({ path: `${screenshots}orders-settled.png` });

    // What the pages say is one thing; what is in the database is another.
    const database = new Database(join(data, 'orders.db'), { readonly: true });
    const rows = database
      .prepare('SELECT number, key, drink, cups FROM orders ORDER BY number')
      .all() as Row[];
    database.close();
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: total }, (_, at) => at + 1));
    expect(new Set(rows.map(({ key }) => key)).size).toBe(total);
    const words = rows.map(({ number, drink, cups }) => `${cups} × ${drink} No. ${number}`).reverse();
    for (const page of [ada, bob]) {
      const feed = (await feedOf(page)).map((text) => text.replace('yours', '').replaceAll(/\s+/g, ' '));
      expect(feed.length).toBeGreaterThan(Math.min(total, 40) - 1);
      expect(feed).toEqual(words.slice(0, feed.length));
    }
    expect(errors).toEqual([]);
  });
});
