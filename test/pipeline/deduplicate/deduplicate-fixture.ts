import { ErrorCode } from '../../../lib/protocol/error-code.js';
import { GatewireError } from '../../../lib/protocol/gatewire-error.js';
import type { GatewayMiddleware, OutboundPhase, StageHost } from '../../../lib/pipeline/middleware.js';
import type { StageSource } from '../../../lib/pipeline/stage.js';
import type { InboundMessage } from '../../../lib/pipeline/inbound-message.js';
import type { DeduplicateOptions } from '../../../lib/pipeline/stages/deduplicate/deduplicate.options.js';
import { DeduplicateStage } from '../../../lib/pipeline/stages/deduplicate/deduplicate.stage.js';
import type { EngineOptions } from '../../../lib/server/options.js';
import { deferred, EngineFixture, type HandlerFunction } from '../../support/engine-fixture.js';
import { FakeClock } from '../../support/fake-clock.js';
import type { TestClient } from '../../support/test-client.js';

/** What a fixture has beside the stage. */
export interface DeduplicateSetup {
  readonly handlers?: Record<string, HandlerFunction>;
  readonly options?: EngineOptions;
  /** Outbound stages of the handler of "count". */
  readonly outbound?: OutboundPhase[];
  /** Stages after it. */
  readonly after?: StageSource[];
}

/** An engine that handles messages once, with a clock that stands still. */
export class DeduplicateFixture {
  readonly clock = new FakeClock();
  /** How often a handler ran. */
  runs = 0;
  /** Holds the handler of "slow" until it is resolved. */
  gate = deferred<unknown>();
  engine!: EngineFixture;
  stage!: DeduplicateStage;

  static async start(
    options?: DeduplicateOptions,
    setup: DeduplicateSetup = {},
  ): Promise<DeduplicateFixture> {
    const fixture = new DeduplicateFixture();
    const counted =
      (handler: HandlerFunction): HandlerFunction =>
      (data, message) => {
        fixture.runs++;
        return handler(data, message);
      };
    const handlers: Record<string, HandlerFunction> = {
      count: () => fixture.runs,
      nothing: () => undefined,
      slow: async () => {
        await fixture.gate.promise;
        return fixture.runs;
      },
      fails: () =>
        Promise.reject(new GatewireError(ErrorCode.NotFound, 'no such order', { details: [fixture.runs] })),
      breaks: () => Promise.reject(new Error(`broken ${fixture.runs}`)),
      ...setup.handlers,
    };
    const login = (data: unknown, { connection }: InboundMessage): void =>
      void (connection.principal = { id: String(data) });
    fixture.engine = await EngineFixture.start({
      options: setup.options ?? {},
      host: {
        clock: fixture.clock,
        middleware: [
          {
            name: 'Deduplicate',
            create: (host: StageHost): GatewayMiddleware =>
              (fixture.stage = new DeduplicateStage(options, host)),
          },
          ...(setup.after ?? []),
        ],
      },
      handlers: {
        login,
        ...Object.fromEntries(Object.entries(handlers).map(([event, handler]) => [event, counted(handler)])),
        ...(setup.outbound !== undefined && {
          count: {
            outbound: setup.outbound,
            invoke: (message: InboundMessage) => {
              message.enter();
              return ++fixture.runs;
            },
          },
        }),
      },
    });
    return fixture;
  }

  get stages() {
    return this.engine.engine.server.stats().stages;
  }

  /** @param user who logs in */
  async connect(user?: string): Promise<TestClient> {
    const client = await this.engine.connect();
    if (user !== undefined) await client.ask('login', user, 'login');
    return client;
  }

  stop(): Promise<void> {
    this.gate.resolve(undefined);
    return this.engine.stop();
  }
}

/** Waits until everything sent before has been dealt with, as far as it waits for nothing else. */
export async function settled(client: TestClient): Promise<Record<string, unknown>[]> {
  const before: Record<string, unknown>[] = [];
  client.send({ event: '$ping', id: 'settled' });
  for (;;) {
    const frame = await client.nextJson();
    if (frame['id'] === 'settled') return before;
    before.push(frame);
  }
}
