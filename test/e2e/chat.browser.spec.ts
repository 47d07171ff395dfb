import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from './chromium.js';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';
import { describeWith, succeeds } from './required-program.js';

jest.setTimeout(120_000);

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));

/** A tab with somebody in it. */
class Person {
  readonly page: Page;
  readonly errors: string[] = [];
  /** Ids of messages as they went over the wire, once for each time they were sent. */
  readonly sentIds: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const { event, data } = JSON.parse(String(payload)) as { event?: string; data?: { id?: string } };
        if (event === 'message' && data?.id !== undefined) this.sentIds.push(data.id);
      }),
    );
  }

  static async enter(browser: Browser, url: string, name: string): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1180, height: 760 } });
    const person = new Person(await context.newPage());
    await person.page.goto(url);
    await person.page.fill('#name', name);
    await person.page.click('text=Join the room');
    await person.waitForState('open');
    return person;
  }

  async say(text: string): Promise<void> {
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
  }

  waitForState(state: string, timeout = 10_000): Promise<unknown> {
    return this.page.waitForSelector(`#connection[data-state="${state}"]`, { timeout });
  }

  waitForStatus(text: string, status: string): Promise<unknown> {
    return this.page.waitForSelector(`#lines li[data-status="${status}"] >> text="${text}"`);
  }

  waitForLine(text: string): Promise<unknown> {
    return this.page.waitForSelector(`#lines >> text="${text}"`);
  }

  /** Texts of the conversation, in order. */
  texts(): Promise<string[]> {
    return this.page.locator('#lines .text').allTextContents();
  }

  waitForMembers(count: number): Promise<unknown> {
    return this.page
      .locator('#members li')
      .nth(count - 1)
      .waitFor();
  }
}

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('the chat in a browser', () => {
  let browser: Browser | undefined;
  let server: SampleServer | undefined;
  let port: number;

  beforeAll(async () => {
    await buildSample('02-chat');
    mkdirSync(screenshots, { recursive: true });
    port = await freePort();
    server = await SampleServer.start('02-chat', port);
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop('SIGKILL');
  });

  it('survives the death of its server while people write: nobody is lost, nothing is doubled', async () => {
    if (browser === undefined) throw new Error('no browser');
    const url = `http://127.0.0.1:${port}`;
    const ada = await Person.enter(browser, url, 'Ada Lovelace');
    const bob = await Person.enter(browser, url, 'Bob Kahn');
    const cleo = await Person.enter(browser, url, 'Cleo');
    const everybody = [ada, bob, cleo];
    await Promise.all(everybody.map((person) => person.waitForMembers(3)));

    await ada.say('Shall we start?');
    await ada.waitForStatus('Shall we start?', 'delivered');
    await bob.say('I am ready.');
    await cleo.waitForLine('I am ready.');
    await ada.page.fill('#text', 'a draft');
    await ada.page.locator('#text').pressSequentially(' that goes on');
    await bob.page.waitForSelector('#typing >> text=Ada');

    // While two of them write.
    const writing = Promise.all([
      ada.page.locator('#text').pressSequentially(' and on', { delay: 5 }),
      bob.say('Just before the end'),
    ]);
    await server?.stop('SIGKILL');
    await writing;
    await Promise.all(
      everybody.map((person) => person.page.waitForSelector('#connection:not([data-state="open"])')),
    );
    await ada.page.press('#text', 'Enter');
    await bob.say('Typed while the server was away');
    await bob.waitForStatus('Typed while the server was away', 'waiting');
    await ada.page.screenshot({ path: `${screenshots}offline.png` });

    server = await SampleServer.start('02-chat', port);
    const restartedAt = Date.now();
    await Promise.all(everybody.map((person) => person.waitForState('open', 5_000)));
    expect(Date.now() - restartedAt).toBeLessThan(5_000);

    await Promise.all(everybody.map((person) => person.waitForMembers(3)));
    const lines = ['Just before the end', 'a draft that goes on and on', 'Typed while the server was away'];
    for (const person of everybody) for (const line of lines) await person.waitForLine(line);
    await bob.waitForStatus('Typed while the server was away', 'delivered');
    await cleo.say('Everybody back');
    for (const person of everybody) await person.waitForLine('Everybody back');
    for (const person of everybody) {
      const texts = await person.texts();
      expect(texts).toHaveLength(new Set(texts).size);
      expect([...texts].sort()).toEqual(
        ['Shall we start?', 'I am ready.', ...lines, 'Everybody back'].sort(),
      );
      expect(person.errors).toEqual([]);
    }
    // What was sent again was sent with the id it had.
    expect(new Set(bob.sentIds).size).toBe(3);
    expect(bob.sentIds.length).toBeGreaterThan(3);

    // A tunnel: what is written there arrives once, at once when the network is back.
    await bob.page.context().setOffline(true);
    await bob.waitForState('offline');
    await bob.say('From the tunnel');
    await bob.waitForStatus('From the tunnel', 'waiting');
    await bob.page.context().setOffline(false);
    await bob.waitForStatus('From the tunnel', 'delivered');
    expect((await ada.texts()).filter((text) => text === 'From the tunnel')).toHaveLength(1);

    await ada.page.screenshot({ path: `${screenshots}chat.png` });
    await cleo.page.emulateMedia({ colorScheme: 'dark' });
    await cleo.page.screenshot({ path: `${screenshots}chat-dark.png` });
    await bob.page.setViewportSize({ width: 390, height: 760 });
    await bob.page.screenshot({ path: `${screenshots}chat-phone.png` });
  });
});
