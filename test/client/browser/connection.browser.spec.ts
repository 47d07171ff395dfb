import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { PageServer } from './page-server.js';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';

jest.setTimeout(60_000);

const program = `
import { createClient, fixed } from 'gatewire/client';
const states = [];
const opened = [];
globalThis.begin = (options = {}) => {
  const { retryMs = 20, ...rest } = options;
  const client = createClient({
    url: '/',
    reconnect: fixed(retryMs),
    ...rest,
  });
  client.when('state', ({ state }) => states.push(state));
  client.when('open', (told) => opened.push(told));
  globalThis.client = client;
};
Object.assign(globalThis, { states, opened });
globalThis.isReady = true;
`;

/** Forwards until it is told to say nothing more: connections of that moment stay open, and dead. */
class SilencingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<{ readonly end: () => void; isSilent: boolean }>();

  constructor(port: () => number) {
    this.#server = createServer((client) => {
      const server = connect(port(), '127.0.0.1');
      const pair = { isSilent: false, end: () => void (client.destroy(), server.destroy()) };
      this.#sockets.add(pair);
      const pass = (from: Socket, to: Socket): void => {
        from.on('data', (data: Buffer) => void (pair.isSilent || to.write(data)));
        from.on('error', pair.end);
        from.on('close', () => {
          if (!pair.isSilent) pair.end();
        });
      };
      pass(client, server);
      pass(server, client);
    }).listen(0, '127.0.0.1');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  silence(): void {
    for (const pair of this.#sockets) pair.isSilent = true;
  }

  cut(): void {
    for (const pair of this.#sockets) pair.end();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('the client in a page', () => {
  let server: PageServer;
  let proxy: SilencingProxy;
  let profile: BrowserContext;
  let page: Page;
  let notes: unknown[];

  beforeAll(async () => {
    server = await PageServer.start({
      handlers: {
        note: (data) => void notes.push(data),
        echo: (data) => data,
      },
      programs: { '/app.js': program },
    });
    proxy = new SilencingProxy(() => (server.engine.httpServer.address() as AddressInfo).port);
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    notes = [];
    profile = await server.browser.newContext();
    page = await profile.newPage();
  });
  afterEach(async () => {
    await profile.close();
    proxy.cut();
  });

  async function load(origin = server.origin): Promise<void> {
    await page.goto(origin);
    await page.waitForFunction('globalThis.isReady');
  }
  const begin = (options: object = {}): Promise<void> => page.evaluate(`begin(${JSON.stringify(options)})`);
  const run = <Result>(script: string): Promise<Result> => page.evaluate(script);
  const until = (condition: string): Promise<unknown> =>
    page.waitForFunction(condition, undefined, { polling: 20 });
  const state = (name: string): Promise<unknown> => until(`client.state === '${name}'`);
  const show = (): Promise<void> => run(`void document.dispatchEvent(new Event('visibilitychange'))`);

  it('is offline while the browser is, and comes back at once although the next attempt was far away', async () => {
    await load();
    await begin({ retryMs: 600_000 });
    await state('open');
    await profile.setOffline(true);
    for (const connection of await server.engine.engine.server.connections()) connection.close(1012);
    await state('offline');
    await run(`for (const n of [1, 2, 3]) client.emit('note', n)`);
    expect(await run('client.status.retryInMs')).toBeUndefined();
    expect(notes).toEqual([]);
    await profile.setOffline(false);
    await state('open');
    await until('client.pending === 0');
    expect(notes).toEqual([1, 2, 3]);
    expect(await run('opened[1]')).toEqual({ resumed: true, recovered: true });
  });

  it('waits where the server is away, and what was emitted meanwhile arrives once and in order', async () => {
    await load();
    await begin();
    await state('open');
    await server.engine.engine.close();
    await until(`states.filter((state) => state === 'waiting').length > 1`);
    await run(`for (const n of [1, 2, 3]) client.emit('note', n)`);
    server.engine.startEngine();
    await state('open');
    await until('client.pending === 0');
    expect(notes).toEqual([1, 2, 3]);
  });

  it('notices within seconds of being shown again that its connection is dead, and keeps one that lives', async () => {
    await page.clock.install();
    await load(proxy.origin);
    await begin();
    await state('open');
    // Ten minutes in one step: timers of a hidden page are held back.
    await page.clock.fastForward(600_000);
    await show();
    await page.clock.runFor(10_000);
    expect(await run(`client.request('echo', 1)`)).toBe(1);
    expect(await run('opened.length')).toBe(1);
    proxy.silence();
    await run(`client.emit('note', 'into the void')`);
    await page.clock.fastForward(600_000);
    await show();
    expect(await run('opened.length')).toBe(1);
    await page.clock.runFor(8_000);
    await until('opened.length === 2 && client.pending === 0');
    expect(notes).toEqual(['into the void']);
  });

  it('closes with codes of its own, and with those that pages may not use, without an error', async () => {
    await load();
    for (const code of [1000, 1001, 3000, 4999]) {
      await begin();
      await state('open');
      await run(`client.close(${code}, 'bye')`);
      expect(await run('client.status')).toMatchObject({ state: 'closed', closed: { code, reason: 'bye' } });
    }
  });

  it('leaves neither timers nor listeners behind', async () => {
    await page.addInitScript(() => {
      const kept = new Set<unknown>();
      const page = globalThis as unknown as Record<string, (...args: never[]) => unknown>;
      for (const kind of ['Timeout', 'Interval']) {
        const [set, clear] = [page[`set${kind}`]!, page[`clear${kind}`]!];
        page[`set${kind}`] = (callback: () => void, ms: number) => {
          const handle = set(
            ...([
              () => {
                if (kind === 'Timeout') kept.delete(handle);
                callback();
              },
              ms,
            ] as never[]),
          );
          kept.add(handle);
          return handle;
        };
        page[`clear${kind}`] = (handle: number) => {
          kept.delete(handle);
          clear(handle as never);
        };
      }
      (globalThis as { timers?: () => number }).timers = () => kept.size;
    });
    await load();
    const devtools = await profile.newCDPSession(page);
    const listeners = async (): Promise<number> => {
      let count = 0;
      for (const expression of ['window', 'document']) {
        const { result } = await devtools.send('Runtime.evaluate', { expression });
        const found = await devtools.send('DOMDebugger.getEventListeners', { objectId: result.objectId! });
        count += found.listeners.length;
      }
      return count;
    };
    const before = [await run('timers()'), await listeners()];
    for (let round = 0; round < 3; round++) {
      await begin();
      await state('open');
      expect(await listeners()).toBeGreaterThan(before[1] as number);
      expect(await run('timers()')).toBeGreaterThan(before[0] as number);
      await run(`client.request('echo', 1).then(() => client.close())`);
      expect([await run('timers()'), await listeners()]).toEqual(before);
    }
  });
});
