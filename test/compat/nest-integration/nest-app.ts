import type { AddressInfo } from 'node:net';
import type { INestApplication, Provider, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { GatewireAdapter } from '../../../lib/index.js';
import { TestClient } from '../../support/test-client.js';

/**
 * An application as Nest's own integration tests make it (`integration/websockets/e2e` of nestjs/nest, MIT licence), with
 * gatewire's adapter where they use `WsAdapter`.
 */
export class NestApp {
  readonly #clients: TestClient[] = [];

  private constructor(
    readonly app: INestApplication,
    readonly port: number,
  ) {}

  static async start(...providers: Provider[]): Promise<NestApp> {
    const module = await Test.createTestingModule({ providers }).compile();

    const app = module.createNestApplication({ logger: false });
    app.useWebSocketAdapter(new GatewireAdapter(app));
    await app.listen(0, '127.0.0.1');
    return new NestApp(app, (app.getHttpServer().address() as AddressInfo).port);
  }

  get<Instance>(type: Type<Instance>): Instance {
    return this.app.get(type);
  }

  async connect(path = '/', port = this.port): Promise<TestClient> {
    const client = await TestClient.open(`ws://127.0.0.1:${port}${path}`);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    await this.app.close();
  }
}
