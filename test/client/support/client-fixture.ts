import type { Client } from '../../../lib/client/client-api.js';
import type { ClientState } from '../../../lib/client/client-states.js';
import type { AnyContract } from '../../../lib/client/contract.js';
import { createClient } from '../../../lib/client/index.js';
import type { ClientOptions } from '../../../lib/client/options.js';
import { fixed } from '../../../lib/exchange/retry-strategy.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptedServer, type ServerSide } from './scripted-server.js';

export type TestedClient = Client<AnyContract>;

/** A client, the server it talks to, and the time of the client. */
export class ClientFixture {
  readonly clock = new FakeClock();
  readonly errors: Error[] = [];
  readonly states: ClientState[] = [];
  readonly #clients: TestedClient[] = [];
  server!: ScriptedServer;

  static async start(): Promise<ClientFixture> {
    const fixture = new ClientFixture();
    fixture.server = await ScriptedServer.start();
    return fixture;
  }

  /** Reconnects at once, unless told otherwise. */
  client(options: Partial<ClientOptions> = {}): TestedClient {
    const client = createClient({
      url: this.server.url,
      clock: this.clock,
      reconnect: fixed(0),
      ...options,
    });
    client.when('error', (error) => this.errors.push(error));
    client.when('state', ({ state }) => this.states.push(state));
    this.#clients.push(client);
    return client;
  }

  /** A client whose session the server has begun. */
  async open(
    options?: Partial<ClientOptions>,
    welcome?: Record<string, unknown>,
  ): Promise<[TestedClient, ServerSide]> {
    const client = this.client(options);
    const opened = new Promise<void>((resolve) => client.when('open', () => resolve()));
    const side = await this.server.welcomed(welcome);
    await opened;
    return [client, side];
  }

  /** Lets pass what waits for no time, and the wait of a reconnect. */
  async comeBack(welcome?: Record<string, unknown>): Promise<ServerSide> {
    const arrival = this.server.welcomed(welcome);
    await this.until(() => this.states.at(-1) === 'waiting');
    this.clock.advance(0);
    return arrival;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }

  async stop(): Promise<void> {
    const closing = this.#clients.splice(0).map((client) => client.close());
    await Promise.all(closing);
    await this.server.stop();
  }
}
