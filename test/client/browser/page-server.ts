import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text as read } from 'node:stream/consumers';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../../e2e/chromium.js';
import { EngineFixture, type FixtureOptions } from '../../support/engine-fixture.js';

/** What a server of pages serves. */
export interface PageServerOptions extends FixtureOptions {
  /** Paths with TypeScript that is bundled for browsers from the sources of the package: `/worker.js`. */
  readonly programs?: Record<string, string>;
  /** Paths with what is served as it is. */
  readonly files?: Record<string, string>;
  /** The browser's program. @default {@link chromiumPath} */
  readonly chromium?: string;
}

const types: Record<string, string> = { js: 'text/javascript', html: 'text/html; charset=utf-8' };

/** A gatewire server that also serves a page, and a Chromium to look at it. `/` is a page that loads `/app.js`. */
export class PageServer {
  readonly engine: EngineFixture;
  readonly browser: Browser;
  /** Paths that were asked for, in order. */
  readonly requested: string[] = [];
  readonly errors: string[] = [];
  readonly #files = new Map<string, string>();

  static async start(options: PageServerOptions): Promise<PageServer> {
    const { programs = {}, files = {}, chromium: executablePath = chromiumPath, ...fixture } = options;
    const engine = await EngineFixture.start(fixture);
    const browser = await chromium.launch({
      executablePath,
      args: chromiumFlags,
      // Pages are kept in the back/forward cache, as for people.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    const server = new PageServer(engine, browser);
    server.#files.set(
      '/',
      '<!doctype html><title>page</title><body><script type="module" src="/app.js"></script>',
    );
    for (const [path, text] of Object.entries(files)) server.#files.set(path, text);
    for (const [path, source] of Object.entries(programs)) {
      // Chunks import the entry by its name: under another it would run twice.
      for (const { fileName, code } of await bundle(source, path.slice(1)))
        server.#files.set(`/${fileName}`, code);
    }
    return server;
  }

  private constructor(engine: EngineFixture, browser: Browser) {
    this.engine = engine;
    this.browser = browser;
    engine.httpServer.removeAllListeners('request');
    engine.httpServer.on('request', ({ url = '' }, response) => this.#answer(url, response));
  }

  get origin(): string {
    return this.engine.url.replace('ws', 'http');
  }

  /** Opens a tab; `context` makes it one of the same profile as another. */
  async open(path = '/', context?: BrowserContext): Promise<Page> {
    const page = await (context ?? (await this.browser.newContext())).newPage();
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (line) => line.type() === 'error' && this.errors.push(line.text()));
    await page.goto(this.origin + path);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.engine.stop();
  }

  #answer(url: string, response: ServerResponse): void {
    const path = url.replace(/\?.*/, '');
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    this.requested.push(path);
    const text = this.#files.get(path);
    const type = types[path.split('.')[1] ?? 'html'] ?? 'text/plain';
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': type }).end(text);
  }
}

/** Files of a program. */
async function bundle(
  source: string,
  file: string,
): Promise<{ readonly fileName: string; readonly code: string }[]> {
  const program = join(import.meta.dirname, 'bundle-program.mjs');
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [program, file], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(source);
  return JSON.parse(await read(child.stdout));
}
