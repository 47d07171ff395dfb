import type { AddressInfo } from 'node:net';
import { type INestApplication, Module, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { GatewireAdapter } from '../../lib/nest/gatewire.adapter.js';
import { GatewireModule } from '../../lib/nest/gatewire.module.js';
import type { GatewireOptions } from '../../lib/nest/gatewire.options.js';
import { TestClient } from '../support/test-client.js';

export interface NestAppOptions {
  readonly options?: GatewireOptions;
  readonly imports?: any[];
  readonly providers?: any[];
  readonly controllers?: Type[];
  /** Without the module: `new GatewireAdapter(app, options)`. */
  readonly adapter?: boolean;
  readonly before?: (app: INestApplication) => void;
  readonly logger?: any;
  /** Instead of Express. */
  readonly httpAdapter?: AbstractHttpAdapter;
  /** @default any that is free */
  readonly port?: number;
  /** Further options of `NestFactory.create`. */
  readonly create?: object;
}

/** A real application on a port of its own. */
export class NestApp {
  readonly app: INestApplication;
  readonly clients: TestClient[] = [];

  constructor(app: INestApplication) {
    this.app = app;
  }

  static async start(setup: NestAppOptions): Promise<NestApp> {
    const { options, imports = [], providers = [], controllers = [], adapter = false } = setup;
    @Module({
      imports: [...(adapter ? [] : [GatewireModule.forRoot(options ?? {})]), ...imports],
      providers,
      controllers,
    })
    class AppModule {}
    const create = { logger: setup.logger ?? false, abortOnError: false, ...setup.create };
    const app = setup.httpAdapter
      ? await NestFactory.create(AppModule, setup.httpAdapter, create)
      : await NestFactory.create(AppModule, create);
    if (adapter) app.useWebSocketAdapter(new GatewireAdapter(app, options));
    setup.before?.(app);
    await app.listen(setup.port ?? 0, '127.0.0.1');
    return new NestApp(app);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`;
  }

  async connect(
    path = '/',
    ...rest: [protocols?: string | string[], options?: ConstructorParameters<typeof TestClient>[2]]
  ): Promise<TestClient> {
    return this.connectTo(this.url + path, ...rest);
  }

  /** To another port. */
  async connectTo(...to: Parameters<typeof TestClient.open>): Promise<TestClient> {
    const client = await TestClient.open(...to);
    this.clients.push(client);
    return client;
  }

  /** The HTTP status that refuses a connection; 101 when none does. */
  async handshakeStatus(path = '/', headers: Record<string, string> = {}): Promise<number> {
    const client = new TestClient(this.url + path, [], { headers });
    this.clients.push(client);
    return new Promise((resolve) => {
      client.socket.on('open', () => resolve(101));
      client.socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
    });
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.terminate();
    await this.app.close();
  }
}
