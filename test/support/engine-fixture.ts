import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { MessageHandler } from '../../lib/pipeline/message-handler.js';
import type { Endpoint } from '../../lib/server/endpoint.js';
import { Engine, type EngineHost } from '../../lib/server/engine.js';
import type { GatewayBinding } from '../../lib/server/gateway-binding.js';
import type { EngineOptions } from '../../lib/server/options.js';
import { TestClient } from './test-client.js';

/** What a handler of a test does. */
export type HandlerFunction = (data: unknown, message: InboundMessage) => unknown;

/** How the fixture differs from the defaults. */
export interface FixtureOptions extends Partial<Omit<GatewayBinding, 'handlers'>> {
  readonly options?: EngineOptions;
  readonly handlers?: Record<string, HandlerFunction | Partial<MessageHandler>>;
  readonly host?: Partial<EngineHost>;
  readonly path?: string;
  /** Makes it `wss:`. */
  readonly tls?: TlsOptions;
}

/** Log lines of an engine, for tests that look at them. */
export class LogLines {
  readonly lines: string[] = [];
  log = (line: unknown): void => void this.lines.push(String(line));
  warn = this.log;
  error = this.log;
}

/** An engine on a real HTTP server, without Nest. */
export class EngineFixture {
  readonly log = new LogLines();
  readonly clients: TestClient[] = [];
  engine!: Engine;
  endpoint!: Endpoint;
  httpServer!: Server;
  url!: string;

  static async start(fixture: FixtureOptions = {}): Promise<EngineFixture> {
    const started = new EngineFixture(fixture);
    const { tls } = fixture;
    const answer: RequestListener = (_request, response) => response.end('plain http');
    started.httpServer = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
    started.httpServer.listen(0, '127.0.0.1');
    await once(started.httpServer, 'listening');
    started.url = `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${(started.httpServer.address() as AddressInfo).port}`;
    started.startEngine();
    return started;
  }

  readonly #fixture: FixtureOptions;

  private constructor(fixture: FixtureOptions) {
    this.#fixture = fixture;
  }

  /** Starts an engine on the server; again after `engine.close()`. */
  startEngine(): void {
    const { options = {}, handlers = {}, host = {}, path = '/', tls: _tls, ...binding } = this.#fixture;
    this.engine = new Engine(options, { logger: this.log, ...host });
    this.endpoint = this.engine.endpoint({ httpServer: this.httpServer, port: 0, path, wsOptions: {} });
    const handlerList = Object.entries(handlers).map(([pattern, handler]) => this.#handler(pattern, handler));
    this.endpoint.bind({ name: 'TestGateway', authorizers: [], ...binding, handlers: handlerList });
  }

  async connect(
    path = '/',
    ...rest: [protocols?: string | string[], options?: ConstructorParameters<typeof TestClient>[2]]
  ): Promise<TestClient> {
    const client = await TestClient.open(this.url + path, ...rest);
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.terminate();
    await this.engine.close();
    this.httpServer.closeAllConnections();
    await new Promise((resolve) => this.httpServer.close(resolve));
  }

  #handler(pattern: string, handler: HandlerFunction | Partial<MessageHandler>): MessageHandler {
    const fixed = typeof handler === 'function' ? {} : handler;
    return {
      pattern,
      label: pattern,
      invoke: (message) => {
        message.enter();
        return typeof handler === 'function' ? handler(message.data, message) : undefined;
      },
      // As the framework layer does by default: an error without a requester becomes the `exception` event.
      fail: (error, { connection, id }) => {
        if (id === undefined)
          connection.emit('exception', { status: 'error', message: (error as Error).message });
      },
      ...fixed,
    };
  }
}

/** A promise and its handles. */
export function deferred<Value = void>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
