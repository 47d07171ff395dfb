import { once } from 'node:events';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import type { EngineOptions } from '../../lib/server/options.js';
import {
  type ProxyOptions,
  type ProxyTarget,
  resolveProxyOptions,
} from '../../lib/server/reverse-proxy/proxy-options.js';
import { ReverseProxy } from '../../lib/server/reverse-proxy/reverse-proxy.js';
import { EngineFixture, type FixtureOptions } from '../support/engine-fixture.js';
import { TestClient } from '../support/test-client.js';
import { type UpstreamPeer, UpstreamServer } from '../support/upstream-server.js';

export interface ProxySetup extends Omit<FixtureOptions, 'proxy'> {
  readonly target?: ProxyTarget;
  readonly proxy?: ProxyOptions;
}

/** A gateway that passes everything on, and the server it passes it to. */
export class ProxyFixture {
  fixture!: EngineFixture;
  upstream!: UpstreamServer;
  readonly cleanups: (() => Promise<unknown> | void)[] = [];

  /** For each test of a file. */
  static forEachTest(): ProxyFixture {
    const proxied = new ProxyFixture();
    beforeEach(async () => {
      proxied.upstream = await UpstreamServer.start();
    });
    afterEach(async () => {
      await proxied.fixture.stop();
      await proxied.upstream.stop();
      for (const cleanup of proxied.cleanups.splice(0)) await cleanup();
    });
    return proxied;
  }

  async start({ target = this.upstream.url, proxy, ...setup }: ProxySetup = {}): Promise<void> {
    const options = resolveProxyOptions(target, proxy);
    this.fixture = await EngineFixture.start({
      ...setup,
      proxy: new ReverseProxy('FeedGateway', target, options),
    });
  }

  /** A client, and its connection as the upstream sees it. */
  async join(
    protocols: string | string[] = [],
    options: ConstructorParameters<typeof TestClient>[2] = {},
  ): Promise<{ client: TestClient; peer: UpstreamPeer }> {
    const client = await this.fixture.connect('/', protocols, options);
    return { client, peer: await this.upstream.next() };
  }

  /** The answer that refuses a connection. */
  async refusal(): Promise<{ status: number | undefined; body: string }> {
    const client = new TestClient(this.fixture.url);
    this.fixture.clients.push(client);
    const [, response] = (await once(client.socket, 'unexpected-response')) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode?: number },
    ];
    let body = '';
    for await (const chunk of response) body += chunk.toString();
    return { status: response.statusCode, body };
  }

  /** What stages and the proxy have counted. */
  stages(): Readonly<Record<string, number>> {
    return this.fixture.engine.server.stats().stages;
  }

  upstreams(): number {
    return this.fixture.engine.server.stats().gauges.upstreams;
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export const withStage = (stage: GatewayMiddleware, options: EngineOptions = {}): ProxySetup => ({
  host: { middleware: [stage] },
  options,
});
