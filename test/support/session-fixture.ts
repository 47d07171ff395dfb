import type { Connection } from '../../lib/connection/connection.js';
import type { DisconnectReason } from '../../lib/connection/disconnect-reason.js';
import { EngineFixture, type FixtureOptions } from './engine-fixture.js';
import { SessionClient } from './session-client.js';

/** What a client offers that wants a session. */
export const offers = ['gatewire.v1.json', 'gatewire.session'];

/** Waits until something on the server is so; what it waits for is I/O, not time. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  if (!isSo()) throw new Error(`it never came to be so: ${isSo.toString()}`);
}

/** An engine, with the connections that its application has heard of. */
export class SessionFixture {
  readonly connected: Connection[] = [];
  readonly disconnected: { connection: Connection; reason: DisconnectReason }[] = [];
  readonly fixture: EngineFixture;

  private constructor(fixture: EngineFixture) {
    this.fixture = fixture;
  }

  static async start(options: FixtureOptions = {}): Promise<SessionFixture> {
    let started: SessionFixture | undefined = undefined;
    const of = (): SessionFixture => started as unknown as SessionFixture;
    const fixture = await EngineFixture.start({
      connect: (connection) => void of().connected.push(connection),
      disconnect: (connection, reason) => void of().disconnected.push({ connection, reason }),
      ...options,
    });
    return (started = new SessionFixture(fixture));
  }

  /** The connection that came first. */
  get connection(): Connection {
    return this.connected[0] as Connection;
  }

  get server(): EngineFixture['endpoint']['server'] {
    return this.fixture.endpoint.server;
  }

  get counters(): Readonly<Record<string, number>> {
    return this.fixture.engine.server.stats().counters;
  }

  get gauges(): { sessions: number; sessionsAway: number; connections: number } {
    return this.fixture.engine.server.stats().gauges;
  }

  /** A client with a session; with that of `before`, where it is still there. */
  async open(
    before?: Pick<SessionClient, 'welcome' | 'token' | 'seq'>,
    ...rest: [protocols?: readonly string[], options?: Parameters<typeof SessionClient.open>[3]]
  ): Promise<SessionClient> {
    const client = await SessionClient.open(this.fixture.url, before, ...rest);
    this.fixture.clients.push(client.client);
    return client;
  }

  /** Cuts the network of a client. Resolves when the server knows. */
  async cut(client: SessionClient): Promise<void> {
    const before = this.gauges.sessionsAway;
    await client.cut();
    await until(() => this.gauges.sessionsAway > before);
  }
}
