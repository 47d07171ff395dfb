import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { deferred } from '../../support/engine-fixture.js';
import { PageServer } from '../browser/page-server.js';
import { reactApp } from './react-app.js';
import { rxjsApp } from './rxjs-app.js';
import { vueApp } from './vue-app.js';

jest.setTimeout(60_000);

const client = `
import { createClient, exponential } from 'gatewire/client';
const client = createClient({ url: '/', reconnect: exponential({ minMs: 20, maxMs: 50 }) });
globalThis.client = client;
`;
/** The app's own client, in the same file. */
const withClient = (app: string): string =>
  client + app.replace(`import { client } from './client.js';\n`, '');

const hasChromium = (): boolean => succeeds(chromiumPath, '--version');
const apps = { react: reactApp, vue: vueApp, rxjs: rxjsApp };

describeWith('Chromium', hasChromium)('adapters', () => {
  let server: PageServer;
  let page: Page;
  let cancelled: () => void;

  beforeAll(async () => {
    server = await PageServer.start({
      handlers: {
        echo: (data) => data,
        never: (_data, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              cancelled();
              reject(signal.reason as Error);
            }),
          ),
        count: async function* (to) {
          for (let at = 1; at <= Number(to); at++) yield at;
        },
      },
      authorizers: [{ pattern: 'stock.*', canSubscribe: () => true }],
      programs: Object.fromEntries(
        Object.entries(apps).map(([name, app]) => [`/${name}.js`, withClient(app)]),
      ),
      files: Object.fromEntries(
        Object.keys(apps).map((name) => [
          `/${name}.html`,
          `<!doctype html><title>${name}</title><body><script type="module" src="/${name}.js"></script>`,
        ]),
      ),
    });
  });
  afterAll(() => server?.stop());

  const gateway = (): typeof server.engine.engine.server => server.engine.engine.server;
  const shows = (id: string, text: string): Promise<unknown> =>
    page.waitForFunction(`document.getElementById('${id}')?.textContent === '${text}'`);
  const room = (name: string | null): Promise<unknown> => page.evaluate(`setRoom(${JSON.stringify(name)})`);

  /** With a farewell: the server keeps the session of who just goes. */
  async function leave(): Promise<void> {
    await page.evaluate(`client.close()`);
    await page.context().close();
  }

  /** Waits until so many connections are in a room. */
  async function members(name: string, count: number): Promise<void> {
    while ((await gateway().in(name).connections()).length !== count)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  describe.each(Object.keys(apps))('for %s', (name) => {
    beforeEach(async () => {
      server.errors.length = 0;
      page = await server.open(`/${name}.html`);
      await shows('status', 'open');
    });
    afterEach(async () => {
      await leave();
      expect(server.errors).toEqual([]);
    });

    it('shows the state, also while the connection is away', async () => {
      await page.evaluate(
        `globalThis.states = []; client.when('state', ({ state }) => states.push(state)) && null`,
      );
      await page.evaluate(`client.close()`);
      await shows('status', 'closed');
      await page.evaluate(`client.connect()`);
      await shows('status', 'open');
    });

    it('hears events, and answers the server with what was seen last', async () => {
      for (const data of ['one', 'two', 'three']) {
        gateway().emit('news', data);
        await page.waitForFunction(`document.getElementById('news').textContent.endsWith('${data}')`);
      }
      await shows('news', 'one two three');
      const [connection] = await gateway().connections();
      expect(await connection!.request('ask', 'hello')).toBe('hello and 3');
    });

    it('is in one room after the other, and in none', async () => {
      await room('stock.one');
      await members('stock.one', 1);
      if (name !== 'rxjs') await shows('room', 'true');
      gateway().publish('stock.one', 'price', 1);
      await shows('prices', '1');
      await room('stock.two');
      await members('stock.two', 1);
      await members('stock.one', 0);
      gateway().publish('stock.one', 'price', 2);
      gateway().publish('stock.two', 'price', 3);
      await shows('prices', '1 3');
      await room(null);
      await members('stock.two', 0);
      if (name !== 'rxjs') await shows('room', 'false');
      await room('secret');
      await shows('room', 'FORBIDDEN');
    });

    it('leaves nothing behind, and the client open', async () => {
      await room('stock.one');
      await members('stock.one', 1);
      await page.evaluate(`unmount()`);
      await members('stock.one', 0);
      const [connection] = await gateway().connections();
      await expect(connection!.request('ask', 'hello')).rejects.toMatchObject({ code: 'UNKNOWN_EVENT' });
      expect(await page.evaluate(`client.state`)).toBe('open');
    });
  });

  describe('for rxjs alone', () => {
    const values = (observable: string): Promise<unknown> =>
      page.evaluate(`new Promise((resolve) => {
        const values = [];
        ${observable}.subscribe({
          next: (value) => values.push(value),
          error: ({ code }) => resolve([...values, code]),
          complete: () => resolve([...values, 'complete']),
        });
      })`);

    beforeEach(async () => {
      page = await server.open('/rxjs.html');
    });
    afterEach(leave);

    it('gives answers and items, and errors', async () => {
      expect(await values(`request$(client, 'echo', 5)`)).toEqual([5, 'complete']);
      expect(await values(`request$(client, 'nobody')`)).toEqual(['UNKNOWN_EVENT']);
      expect(await values(`stream$(client, 'count', 3)`)).toEqual([1, 2, 3, 'complete']);
      expect(await values(`stream$(client, 'nobody')`)).toEqual(['UNKNOWN_EVENT']);
    });

    it('asks only when it is subscribed to, and takes back what nobody waits for', async () => {
      const once = deferred();
      cancelled = once.resolve;
      await page.evaluate(`{
        globalThis.asked = request$(client, 'never');
        globalThis.before = client.pending;
        globalThis.subscription = stream$(client, 'never').subscribe({ error() {} });
      }`);
      expect(await page.evaluate(`before`)).toBe(0);
      await shows('status', 'open');
      await page.evaluate(`client.request('echo')`);
      expect(await page.evaluate(`client.pending`)).toBe(1);
      await page.evaluate(`subscription.unsubscribe()`);
      await once.promise;
      expect(await page.evaluate(`client.pending`)).toBe(0);
    });
  });
});
