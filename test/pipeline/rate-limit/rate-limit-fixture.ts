import type { StageHost } from '../../../lib/pipeline/middleware.js';
import type { InboundMessage } from '../../../lib/pipeline/inbound-message.js';
import type { RateLimitOptions } from '../../../lib/pipeline/stages/rate-limit/rate-limit.options.js';
import { RateLimitStage } from '../../../lib/pipeline/stages/rate-limit/rate-limit.stage.js';
import type { EngineOptions } from '../../../lib/server/options.js';
import { EngineFixture, type HandlerFunction } from '../../support/engine-fixture.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { TestClient } from '../../support/test-client.js';

/** Timers that an engine has of its own. */
export const engineTimers = 1;

/** What a refused requester gets. */
export const limited = (retryAfterMs: unknown = expect.any(Number)) => ({
  code: 'RATE_LIMITED',
  message: 'too many messages',
  details: { retryAfterMs },
});

/** An engine with rate limits and a clock that stands still. */
export class RateLimitFixture {
  readonly clock = new FakeClock();
  /** What the handler of "run" was given. */
  readonly ran: unknown[] = [];
  /** Frames that came before what a test waited for. */
  readonly others: unknown[] = [];
  engine!: EngineFixture;

  static async start(
    limits: RateLimitOptions | RateLimitOptions[],
    handlers: Record<string, HandlerFunction> = {},
    options: EngineOptions = {},
  ): Promise<RateLimitFixture> {
    const fixture = new RateLimitFixture();
    const { clock, ran } = fixture;
    fixture.engine = await EngineFixture.start({
      options,
      host: {
        clock,
        middleware: [limits].flat().map((one) => ({
          name: 'RateLimit',
          create: (host: StageHost) => new RateLimitStage(one, host),
        })),
      },
      handlers: {
        echo: (data) => data,
        run: (data) => void ran.push(data),
        login: (data, { connection }: InboundMessage) => void (connection.principal = { id: String(data) }),
        ...handlers,
      },
    });
    return fixture;
  }

  get stages() {
    return this.engine.engine.server.stats().stages;
  }

  connect(): Promise<TestClient> {
    return this.engine.connect();
  }

  /** Asks so often, and gives the code of each error, or ok. */
  async codes(client: TestClient, times: number, event = 'echo', data: unknown = 1): Promise<string[]> {
    const seen: string[] = [];
    for (let i = 0; i < times; i++)
      seen.push(((await client.ask(event, data, i)) as { error?: { code: string } }).error?.code ?? 'ok');
    return seen;
  }

  /** Waits until everything sent before has been dealt with. */
  async settled(client: TestClient): Promise<void> {
    client.send({ event: '$ping', id: 'settled' });
    for (;;) {
      const frame = await client.nextJson();
      if (frame['id'] === 'settled') return;
      this.others.push(frame);
    }
  }
}

/** Lets the process work until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
