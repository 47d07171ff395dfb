import { jest } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PageServer } from './page-server.js';

jest.setTimeout(60_000);

const worker = `
import { createClient, exponential } from 'gatewire/client';
import { serveClient } from 'gatewire/client/shared';
const url = new URL('/', location.href);
globalThis.served = serveClient(createClient({ url, reconnect: exponential({ minMs: 20, maxMs: 50 }) }));
`;

const app = `
import { sharedClient } from 'gatewire/client/shared';
const worker = new SharedWorker('/worker.js', { type: 'module' });
const client = sharedClient({ worker });
const heard = [];
client.on('news', (data) => heard.push(data));
Object.assign(globalThis, { client, heard });
`;

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('a client in a SharedWorker', () => {
  let server: PageServer;
  let profile: BrowserContext;
  let emitted: (data: unknown) => void;
  let resolvers: ((value: unknown) => void)[];

  beforeAll(async () => {
    server = await PageServer.start({
      handlers: {
        echo: (data) => data,
        fail: () => {
          throw new Error('secret');
        },
        count: async function* (to) {
          for (let at = 1; at <= Number(to); at++) yield at;
        },
        slow: () => new Promise((resolve) => resolvers.push(resolve)),
        emitted: (data) => emitted(data),
        ask: (event, { connection }) => connection.request(event as string, 'question'),
      },
      authorizers: [{ pattern: 'stock.*', canSubscribe: () => true, canPublish: () => true }],
      programs: { '/worker.js': worker, '/app.js': app },
    });
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    profile = await server.browser.newContext();
    resolvers = [];
    server.errors.length = 0;
  });
  afterEach(async () => {
    await profile.close();
    expect(server.errors).toEqual([]);
  });

  const open = (): Promise<Page> => server.open('/', profile);
  const run = <Result>(page: Page, script: string): Promise<Result> => page.evaluate(script);
  const gateway = (): typeof server.engine.engine.server => server.engine.engine.server;

  /** Waits until so many connections are in a room: at the server, so that nobody is asked who may be gone. */
  async function members(room: string, count: number): Promise<void> {
    for (;;) {
      const found = await gateway().in(room).connections();
      if (found.length === count) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('serves two pages with one connection', async () => {
    const [one, two] = [await open(), await open()];
    expect(await run(one, `client.request('echo', { page: 1 })`)).toEqual({ page: 1 });
    expect(await run(two, `client.request('echo', new Uint8Array([1, 2])).then((b) => [...b])`)).toEqual([
      1, 2,
    ]);
    expect(await gateway().connections()).toHaveLength(1);
    expect(await run(one, `client.state`)).toBe('open');
    gateway().emit('news', 'for both');
    for (const page of [one, two]) await page.waitForFunction(`heard.includes('for both')`);
  });

  it('does all that a client does', async () => {
    const page = await open();
    expect(await run(page, `client.emit('echo', 1).delivered`)).toBeUndefined();
    expect(await run(page, `client.request('nobody').catch((error) => [error.name, error.code])`)).toEqual([
      'GatewireError',
      'UNKNOWN_EVENT',
    ]);
    expect(await run(page, `client.request('echo', () => 1).catch((error) => error.code)`)).toBe(
      'BAD_REQUEST',
    );
    expect(await run(page, `Array.fromAsync(client.stream('count', 3))`)).toEqual([1, 2, 3]);
    expect(
      await run(
        page,
        `(async () => { for await (const at of client.stream('count', 1e9)) if (at === 5) return at })()`,
      ),
    ).toBe(5);
    expect(
      await run(
        page,
        `{
          const abort = new AbortController();
          const asked = client.request('slow', 1, { signal: abort.signal }).catch((error) => error.code);
          abort.abort();
          asked;
        }`,
      ),
    ).toBe('CANCELLED');
    expect(await run(page, `client.request('slow', 1, { timeoutMs: 20 }).catch((error) => error.code)`)).toBe(
      'ACK_TIMEOUT',
    );
    expect(await run(page, `client.pending`)).toBe(0);
  });

  it('lets each page subscribe for itself, and leaves its rooms when it goes', async () => {
    const [one, two] = [await open(), await open()];
    const subscribe = `
      globalThis.got = [];
      globalThis.subscription = client.subscribe('stock.*', ({ room, event, data }) => got.push([room, event, data]));
      subscription.ready`;
    await Promise.all([run(one, subscribe), run(two, subscribe)]);
    await run(one, `client.publish('stock.acme', 'price', 42).delivered`);
    for (const page of [one, two]) {
      await page.waitForFunction(`got.length === 1`);
      expect(await run(page, `got`)).toEqual([['stock.acme', 'price', 42]]);
    }
    await run(one, `subscription.unsubscribe()`);
    await run(two, `client.publish('stock.acme', 'price', 43).delivered`);
    await two.waitForFunction(`got.length === 2`);
    expect(await run(one, `got.length`)).toBe(1);
    await members('stock.*', 1);
    await two.close();
    await members('stock.*', 0);
    expect(await run(one, `client.state`)).toBe('open');
  });

  it('notices a page that crashes', async () => {
    const [one, two] = [await open(), await open()];
    await run(two, `client.subscribe('stock.*').ready`);
    await members('stock.*', 1);
    const session = await profile.newCDPSession(two);
    const crashed = two.waitForEvent('crash');
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
    await members('stock.*', 0);
    expect(await run(one, `client.request('echo', 1)`)).toBe(1);
    server.errors.length = 0;
  });

  it('delivers what a page has emitted before it went', async () => {
    const [one, two] = [await open(), await open()];
    const seen = new Promise((resolve) => (emitted = resolve));
    await run(two, `client.emit('emitted', 'the last words') && undefined`);
    await two.close();
    expect(await seen).toBe('the last words');
    expect(await run(one, `client.state`)).toBe('open');
  });

  it('answers the server with the first answer of any page', async () => {
    const [one, two] = [await open(), await open()];
    await run(one, `client.on('who', () => undefined) && undefined`);
    await run(two, `client.on('who', async (data) => [data, 'two']) && undefined`);
    expect(await run(one, `client.request('ask', 'who')`)).toEqual(['question', 'two']);
    await two.close();
    expect(await run(one, `client.request('ask', 'who')`)).toBeNull();
    expect(await run(one, `client.request('ask', 'nothing').catch(({ code }) => code)`)).toBe(
      'UNKNOWN_EVENT',
    );
  });

  it('tells all pages how the connection is, and goes on after a cut', async () => {
    const [one, two] = [await open(), await open()];
    await run(one, `client.connect()`);
    for (const page of [one, two])
      await run(
        page,
        `globalThis.states = []; client.when('state', ({ state }) => states.push(state)) && undefined`,
      );
    server.engine.httpServer.closeAllConnections();
    for (const connection of await gateway().connections()) connection.terminate();
    const asked = run(two, `client.request('echo', 'after')`);
    expect(await asked).toBe('after');
    for (const page of [one, two]) {
      await page.waitForFunction(`states.at(-1) === 'open'`);
      expect(await run(page, `states`)).toContain('waiting');
    }
  });

  it('closes for one page only, which may come back', async () => {
    const [one, two] = [await open(), await open()];
    await run(one, `client.subscribe('stock.*', ({ data }) => heard.push(data)).ready`);
    await run(one, `globalThis.left = client.request('slow').catch(({ code }) => code); client.close()`);
    expect(await run(one, `left`)).toBe('DISCONNECTED');
    expect(await run(one, `[client.state, client.pending]`)).toEqual(['closed', 0]);
    expect(await run(one, `client.request('echo').catch(({ code }) => code)`)).toBe('DISCONNECTED');
    await members('stock.*', 0);
    expect(await run(two, `client.request('echo', 2)`)).toBe(2);
    await run(one, `client.connect()`);
    await members('stock.*', 1);
    await run(two, `client.publish('stock.acme', 'price', 44).delivered`);
    await one.waitForFunction(`heard.includes(44)`);
  });
});
