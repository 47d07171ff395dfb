import type { Connection } from '../../lib/connection/connection.js';
import { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { GatewayMiddleware, MiddlewareFactory, StageHost } from '../../lib/pipeline/middleware.js';
import type { OutboundMessage } from '../../lib/pipeline/outbound-message.js';
import { ThrottledLog } from '../../lib/primitives/throttled-log.js';
import { FakeClock } from './fake-clock.js';

/** A stage on its own: what it counts and logs, and what it does with a message. */
export class StageBench implements StageHost {
  readonly clock = new FakeClock();
  readonly lines: unknown[] = [];
  readonly counts: Record<string, number> = {};
  readonly log = new ThrottledLog(
    { warn: (line) => void this.lines.push(line), error: (error) => void this.lines.push(error) },
    this.clock,
  );
  readonly connection = {
    id: 'c1',
    principal: { id: 'u1' },
    handshake: { path: '/chat' },
  } as unknown as Connection;
  /** What a shutdown would wait for. */
  readonly closing: (() => void | Promise<void>)[] = [];
  stage!: GatewayMiddleware;

  static of(factory: MiddlewareFactory): StageBench {
    const bench = new StageBench();
    bench.stage = factory.create(bench);
    return bench;
  }

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  onClose(task: () => void | Promise<void>): void {
    this.closing.push(task);
  }

  message(
    event: string,
    data?: unknown,
    more: { id?: number; meta?: Record<string, unknown> } = {},
  ): InboundMessage {
    return new InboundMessage(this.connection, event, data, more.id, more.meta, 100, {
      entered: () => undefined,
      watched: () => undefined,
      now: () => this.clock.now(),
      expired: () => undefined,
    });
  }

  /** Lets a message through the stage. `passed`: it went on, with this event and data. */
  inbound(event: string, data?: unknown, more: { id?: number; meta?: Record<string, unknown> } = {}) {
    const message = this.message(event, data, more);
    let passed: { event: string; data: unknown } | undefined;
    const pending = this.stage.inbound?.(message, () => {
      passed = { event: message.event, data: message.data };
    });
    return { message, pending, passed: () => passed, outcome: () => message.outcome };
  }

  outbound(event: string | undefined, data: unknown, more: Partial<OutboundMessage> = {}) {
    const target = { kind: 'all' } as const;
    const message: OutboundMessage = { event, data, meta: undefined, target, ...more };
    let passed: { event: string | undefined; data: unknown } | undefined;
    const pending = this.stage.outbound?.(message, () => {
      passed = { event: message.event, data: message.data };
    });
    return { message, pending, passed: () => passed };
  }
}
