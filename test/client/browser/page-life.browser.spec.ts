import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { wholeChromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PageServer } from './page-server.js';

jest.setTimeout(60_000);

const app = `
import { createClient, exponential } from 'gatewire/client';
const client = createClient({ url: '/', reconnect: exponential({ minMs: 20, maxMs: 50 }) });
const heard = [], states = [], opened = [], shown = [];
client.on('news', (data) => heard.push(data));
client.when('state', ({ state }) => states.push(state));
client.when('open', (how) => opened.push(how));
addEventListener('pageshow', ({ persisted }) => shown.push(persisted));
Object.assign(globalThis, { client, heard, states, opened, shown });
`;

describeWith('Chromium', () => succeeds(wholeChromiumPath, '--version'))(
  'a client in the life of a page',
  () => {
    let server: PageServer;
    let page: Page;

    beforeAll(async () => {
      server = await PageServer.start({
        chromium: wholeChromiumPath,
        handlers: { echo: (data) => data },
        programs: { '/app.js': app },
        files: { '/other.html': '<!doctype html><title>other</title>' },
      });
    });
    afterAll(() => server?.stop());

    beforeEach(async () => {
      page = await server.open();
      await is('open');
    });
    afterEach(async () => {
      await page.evaluate(`client.close()`);
      await page.context().close();
    });

    const run = <Result>(script: string): Promise<Result> => page.evaluate(script);
    const is = (state: string): Promise<unknown> => page.waitForFunction(`client.state === '${state}'`);
    const news = (data: string): void => server.engine.engine.server.emit('news', data);

    it('comes out of the back/forward cache with its session, and misses nothing', async () => {
      const session = await run(`client.session`);
      await page.goto(`${server.origin}/other.html`);
      news('meanwhile');
      // Such a page is not loaded again.
      await page.goBack({ waitUntil: 'commit' });
      await is('open');
      // It is the page of before, not a new one.
      expect(await run(`shown`)).toEqual([false, true]);
      expect(await run(`client.session`)).toBe(session);
      await page.waitForFunction(`heard.length > 0`);
      expect(await run(`heard`)).toEqual(['meanwhile']);
      expect(await run(`opened.at(-1)`)).toEqual({ resumed: true, recovered: true });
      expect(await run(`client.request('echo', 1)`)).toBe(1);
    });

    it('lets go of its socket while it is frozen, and is back at once', async () => {
      // Chromium freezes hidden pages only, and headless pages are never hidden: the events are the test's.
      await run(`document.dispatchEvent(new Event('freeze'))`);
      await is('waiting');
      news('while frozen');
      await run(`document.dispatchEvent(new Event('resume'))`);
      await is('open');
      await page.waitForFunction(`heard.length > 0`);
      expect(await run(`heard`)).toEqual(['while frozen']);
      expect(await run(`states`)).toEqual(expect.arrayContaining(['waiting', 'connecting', 'open']));
    });

    it('waits without trying while there is no network, and tries when there is one', async () => {
      await page.context().setOffline(true);
      await is('offline');
      const asked = run(`client.request('echo', 'later', { timeoutMs: false })`);
      await run(`states.length = 0`);
      await page.context().setOffline(false);
      expect(await asked).toBe('later');
      expect(await run(`states`)).toEqual(['connecting', 'authenticating', 'open']);
      expect(await run(`opened.at(-1)`)).toMatchObject({ resumed: true });
    });

    it('asks whether the server is there when it is looked at again after minutes, and stays when it is', async () => {
      const sent: string[] = [];
      page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
      await page.clock.install();
      await page.reload();
      await is('open');
      sent.length = 0;
      await page.clock.fastForward('10:00');
      await run(`document.dispatchEvent(new Event('visibilitychange'))`);
      expect(await run(`client.request('echo', 'still')`)).toBe('still');
      expect(sent.filter((frame) => frame.includes('$ping'))).not.toEqual([]);
      // Longer than the server is waited for.
      await page.clock.fastForward('00:06');
      expect(await run(`client.request('echo', 'still')`)).toBe('still');
      expect(await run(`states.filter((state) => state === 'waiting')`)).toEqual([]);
    });
  },
);
