import { freePort } from './free-port.js';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { Endpoint } from '../../lib/server/endpoint.js';
import { Engine, type EngineHost } from '../../lib/server/engine.js';
import type { EngineOptions } from '../../lib/server/options.js';
import { LogLines } from './engine-fixture.js';
import { TestClient } from './test-client.js';

/** An engine with one gateway on a port of its own, which answers `who` with what it knows of the peer. */
export class OwnPortFixture {
  readonly log = new LogLines();
  readonly port: number;
  readonly engine: Engine;
  readonly endpoint: Endpoint;
  readonly #clients: TestClient[] = [];
  readonly #sockets: Socket[] = [];

  static async start(options: EngineOptions, host: Partial<EngineHost> = {}): Promise<OwnPortFixture> {
    return new OwnPortFixture(await freePort(), options, host);
  }

  private constructor(port: number, options: EngineOptions, host: Partial<EngineHost>) {
    this.port = port;
    this.engine = new Engine(options, { logger: this.log, ...host });
    this.endpoint = this.engine.endpoint({ httpServer: null, port, path: '/*', wsOptions: {} });
    const who = (message: InboundMessage): unknown => {
      message.enter();
      const { address, isSecure } = message.connection.handshake;
      return { address, isSecure };
    };
    const handlers = [{ pattern: 'who', label: 'who', invoke: who, fail: () => undefined }];
    this.endpoint.bind({ name: 'OwnPortGateway', authorizers: [], handlers });
  }

  get stages(): Readonly<Record<string, number>> {
    return this.engine.server.stats().stages;
  }

  /** A client over this scheme and these bytes before anything else. */
  async client(
    scheme: 'ws' | 'wss',
    options: ConstructorParameters<typeof TestClient>[2] = {},
  ): Promise<TestClient> {
    const client = await TestClient.open(`${scheme}://127.0.0.1:${this.port}/`, [], options);
    this.#clients.push(client);
    return client;
  }

  /** A bare connection. */
  async socket(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    await this.engine.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
