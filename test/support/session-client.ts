import { TestClient } from './test-client.js';

/** What `$welcome` says. */
export interface Welcome {
  readonly session: string;
  readonly token?: string;
  readonly resumed: boolean;
  readonly recovered: boolean;
  readonly seq: number;
  readonly resumeMs: number;
}

/** A bare client with a session: counts what it gets, as PROTOCOL.md says. */
export class SessionClient {
  readonly client: TestClient;
  welcome!: Welcome;
  /** Number of the last message it has taken. */
  seq = 0;
  token = '';

  private constructor(client: TestClient) {
    this.client = client;
  }

  /** Connects, and says `$hello`: to resume where there is somebody to go on as. */
  static async open(
    url: string,
    before?: Pick<SessionClient, 'welcome' | 'token' | 'seq'>,
    protocols: readonly string[] = [],
    options?: ConstructorParameters<typeof TestClient>[2],
  ): Promise<SessionClient> {
    const offers = ['gatewire.v1.json', 'gatewire.session', ...protocols];
    const opened = new SessionClient(await TestClient.open(url, offers, options));
    const hello =
      before === undefined ? {} : { session: before.welcome.session, token: before.token, seq: before.seq };
    opened.client.send({ event: '$hello', id: 0, data: hello });
    const answer = await opened.client.nextJson();
    if (answer['event'] !== '$welcome') throw new Error(`instead of $welcome: ${JSON.stringify(answer)}`);
    opened.welcome = answer['data'] as Welcome;
    opened.token = opened.welcome.token ?? before?.token ?? '';
    opened.seq = opened.welcome.seq - 1;
    return opened;
  }

  /** The next message, counted. */
  async next(): Promise<Record<string, unknown>> {
    const frame = await this.client.nextJson();
    this.seq++;
    return frame;
  }

  /** The data of the next messages. */
  async take(count: number): Promise<unknown[]> {
    const taken: unknown[] = [];
    while (taken.length < count) taken.push((await this.next())['data']);
    return taken;
  }

  send(frame: unknown): void {
    this.client.send(frame);
  }

  /** The network is cut. Resolves when this end knows. */
  async cut(): Promise<void> {
    this.client.terminate();
    await this.client.closed;
  }
}
