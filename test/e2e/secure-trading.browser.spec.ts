import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';
import { describeWith, succeeds } from './required-program.js';

/** What is used of an element: this program has no types of a page. */
interface Attributed {
  getAttribute(name: string): string | null;
}

jest.setTimeout(120_000);

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('secure trading in a browser', () => {
  let browser: Browser;
  let server: SampleServer;
  let port: number;

  beforeAll(async () => {
    await buildSample('03-secure-trading');
    mkdirSync(screenshots, { recursive: true });
    port = await freePort();
    server = await SampleServer.start('03-secure-trading', port);
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });

  afterAll(async () => {
    await browser.close();
    await server.stop('SIGKILL');
  });

  /** The newest line of a list, once it has this outcome. */
  function newest(page: Page, list: string, outcome: string): Promise<string> {
    return page.locator(`${list} li:first-child[data-outcome="${outcome}"]`).innerText();
  }

  it('lets an order in once; refuses its replay, its forgery and a flood, and shows why', async () => {
    const context = await browser.newContext({ viewport: { width: 1240, height: 850 } });
    const page = await context.newPage();
    const errors: string[] = [];
    const sent: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await page.goto(`http://127.0.0.1:${port}`);
    await page.fill('#user', 'ada');
    await page.fill('#password', 'wrong');
    const refused = page.waitForResponse('**/login');
    await page.click('text="Sign in"');
    expect((await refused).status()).toBe(401);
    await page.waitForSelector('#problem >> text=wrong password');
    await page.screenshot({ path: `${screenshots}trading-login.png` });

    await page.fill('#password', 'correct horse battery');
    await page.click('text="Sign in"');
    await page.waitForSelector('#connection[data-state="open"]');
    expect(await page.locator('#prices li').count()).toBe(4);

    await page.click('#send');
    expect(await newest(page, '#orders', 'accepted')).toContain('Buy 10 AURA');
    await page.click('#replay');
    await newest(page, '#orders', 'REPLAYED');
    // The very same frame, signed in the page.
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]{43}$/);
    expect(sent[1]).toBe(sent[0]);
    await page.click('#tamper');
    await newest(page, '#orders', 'BAD_SIGNATURE');
    await page.click('#flood');
    const flood = await newest(page, '#orders', 'RATE_LIMITED');
    const [, accepted, limited, retryAfterMs] =
      /(\d+) accepted, (\d+) refused; try again in (\d+) ms/.exec(flood) ?? [];
    expect(Number(accepted) + Number(limited)).toBe(20);
    expect(Number(accepted)).toBeGreaterThan(0);
    expect(Number(limited)).toBeGreaterThan(0);
    expect(Number(retryAfterMs)).toBeGreaterThan(0);

    await page.click('#refresh');
    await page.waitForSelector('#refreshed >> text=Token refreshed');
    // The order and the flood by the message log; the replay and the forgery by the sample's own middleware.
    await page.locator('#audit li').nth(22).waitFor();
    const outcomes = await page
      .locator('#audit li')
      .evaluateAll((items) =>
        (items as unknown as Attributed[]).map((item) => item.getAttribute('data-outcome')),
      );
    expect(outcomes).toHaveLength(23);
    expect(outcomes.slice(-3).reverse()).toEqual(['accepted', 'REPLAYED', 'BAD_SIGNATURE']);
    expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(Number(limited));
    expect(errors).toEqual([]);

    await page.screenshot({ path: `${screenshots}trading.png` });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${screenshots}trading-dark.png` });
  });

  it('opens no WebSocket for a page without a token', async () => {
    const page = await (await browser.newContext()).newPage();
    const answered = new Promise<string>((resolve) =>
      page.on('console', (message) => resolve(message.text())),
    );
    await page.goto(`http://127.0.0.1:${port}`);
    await page.evaluate(`void new WebSocket('ws://127.0.0.1:${port}/trading', 'gatewire.v1.json')`);
    // Chromium's words for 401.
    expect(await answered).toContain('HTTP Authentication failed');
  });
});
