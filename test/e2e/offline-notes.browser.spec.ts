import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { FaultProxy } from '../consistency/fault-proxy.js';
import { TestClient } from '../support/test-client.js';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { describeWith, succeeds } from './required-program.js';

jest.setTimeout(120_000);

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));

/** Somebody's browser, with a network of its own: that of the browser's tools lets WebSockets pass. */
class Profile {
  readonly context: BrowserContext;
  readonly origin: string;
  readonly #proxy: FaultProxy;

  private constructor(context: BrowserContext, proxy: FaultProxy) {
    this.context = context;
    this.#proxy = proxy;
    this.origin = `http://localhost:${proxy.port}/`;
  }

  static async create(browser: Browser, port: number): Promise<Profile> {
    const context = await browser.newContext({ viewport: { width: 1080, height: 720 } });
    return new Profile(context, await FaultProxy.start(() => port));
  }

  async setOffline(isOffline: boolean): Promise<void> {
    if (isOffline) for (const link of [...this.#proxy.links]) link.reset();
    else this.#proxy.heal();
    this.#proxy.isRefusing = isOffline;
    await this.context.setOffline(isOffline);
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.#proxy.stop();
  }
}

interface Note {
  readonly text: string;
  readonly version: number;
}

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('the notes in a browser', () => {
  let browser: Browser;
  let server: SampleServer;
  let port: number;
  const errors: string[] = [];
  const profiles: Profile[] = [];

  beforeAll(async () => {
    await buildSample('04-offline-notes');
    mkdirSync(screenshots, { recursive: true });
    port = await freePort();
    server = await SampleServer.start('04-offline-notes', port);
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop('SIGKILL');
  });
  afterEach(async () => {
    for (const one of profiles.splice(0)) await one.close();
    expect(errors.splice(0)).toEqual([]);
  });

  async function open({ context, origin }: Profile): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(origin);
    await page.waitForSelector('#status');
    return page;
  }

  async function profile(): Promise<Profile> {
    const created = await Profile.create(browser, port);
    profiles.push(created);
    return created;
  }
  const status = (page: Page, text: string): Promise<unknown> =>
    page.waitForSelector(`#status-text >> text="${text}"`);
  const titles = (page: Page): Promise<string[]> =>
    page.locator('#notes .title > span:first-child').allTextContents();
  const entitled = (page: Page, title: string): Promise<unknown> =>
    page.waitForSelector(`#notes .title >> text="${title}"`);

  async function write(page: Page, text: string): Promise<void> {
    await page.click('#new');
    await page.fill('#text', text);
  }

  /** What the server has, asked by a client of its own. */
  async function onServer(): Promise<Note[]> {
    const client = await TestClient.open(`ws://localhost:${port}/notes`);
    const { data } = await client.ask('list');
    client.terminate();
    return (data as Note[]).filter(({ text }) => text !== '');
  }

  it('has what was written offline, in a tab that was closed, arrive once', async () => {
    const context = await profile();
    let page = await open(context);
    await status(page, 'All saved');
    await page.waitForSelector('html[data-kept]', { state: 'attached' });
    await write(page, 'Milk\nand bread');
    await status(page, 'All saved');

    await context.setOffline(true);
    await write(page, 'In the train\nNo network between the hills.');
    await write(page, 'Call Bob');
    await page.click('#notes >> text="Milk"');
    await page.fill('#text', 'Milk\nand bread, and cheese');
    await page.press('#text', 'End');
    await page.locator('#text').pressSequentially(', and wine');
    await status(page, '3 notes wait for the network');
    await page.screenshot({ path: `${screenshots}notes-offline.png` });
    await page.close();

    // Still offline: the page itself is there, and what was written.
    page = await open(context);
    await status(page, '3 notes wait for the network');
    expect([...(await titles(page))].sort()).toEqual(['Call Bob', 'In the train', 'Milk']);
    expect(await onServer()).toMatchObject([{ text: 'Milk\nand bread', version: 1 }]);
    await page.close();

    await context.setOffline(false);
    page = await open(context);
    await status(page, 'All saved');
    const notes = await onServer();
    expect(notes.map(({ text }) => text).sort()).toEqual([
      'Call Bob',
      'In the train\nNo network between the hills.',
      'Milk\nand bread, and cheese, and wine',
    ]);
    // Of the changes that waited the last was sent, and each once.
    expect(notes.map(({ version }) => version).sort()).toEqual([1, 1, 2]);
    await page.screenshot({ path: `${screenshots}notes.png` });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${screenshots}notes-dark.png` });
    await page.setViewportSize({ width: 375, height: 700 });
    await page.screenshot({ path: `${screenshots}notes-phone.png` });
    await page.click('#notes >> text="In the train"');
    await page.screenshot({ path: `${screenshots}notes-phone-note.png` });
  });

  it('shows in one browser what is written in another, and loses neither of two changes', async () => {
    const [hers, his] = [await profile(), await profile()];
    const [ada, bob] = [await open(hers), await open(his)];
    await write(ada, 'Plan');
    await entitled(bob, 'Plan');

    await his.setOffline(true);
    await bob.click('#notes >> text="Plan"');
    await bob.fill('#text', 'Plan of Bob');
    await status(bob, '1 note waits for the network');
    await ada.fill('#text', 'Plan of Ada');
    await status(ada, 'All saved');
    await his.setOffline(false);
    await status(bob, 'All saved');
    for (const page of [ada, bob]) {
      await entitled(page, 'Plan of Ada');
      await entitled(page, 'Plan of Bob');
    }

    await ada.click('#notes >> text="Plan of Bob"');
    await ada.click('#throw-away');
    await bob.waitForSelector('#notes .title >> text="Plan of Bob"', { state: 'detached' });
  });

  it('leaves what another has written in a note that stands open, and shows it there', async () => {
    const [ada, bob] = [await open(await profile()), await open(await profile())];
    await write(ada, 'Shopping');
    await bob.click('#notes >> text="Shopping"');
    await bob.fill('#text', 'Shopping for two');
    await entitled(ada, 'Shopping for two');
    expect(await ada.inputValue('#text')).toBe('Shopping for two');
    await ada.click('#new');
    await status(ada, 'All saved');
    expect((await onServer()).map(({ text }) => text)).toContain('Shopping for two');
  });

  it('tells a server that has lost everything what it had', async () => {
    const context = await profile();
    const page = await open(context);
    await write(page, 'Not to be forgotten');
    await status(page, 'All saved');
    await server.stop('SIGKILL');
    await status(page, 'Offline: go on writing');
    server = await SampleServer.start('04-offline-notes', port);
    await status(page, 'All saved');
    expect((await onServer()).map(({ text }) => text)).toContain('Not to be forgotten');
  });
});
