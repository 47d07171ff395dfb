import type { StageHost } from '../../lib/pipeline/middleware.js';
import type { Clock } from '../../lib/primitives/clock.js';
import { ThrottledLog } from '../../lib/primitives/throttled-log.js';
import { FakeClock } from './fake-clock.js';

/** What a stage is made with, where no engine is: counts and log lines are kept for the test to read. */
export class TestStageHost implements StageHost {
  readonly clock: Clock;
  readonly lines: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly log: ThrottledLog;

  constructor(clock: Clock = new FakeClock()) {
    this.clock = clock;
    this.log = new ThrottledLog(
      { warn: (line) => void this.lines.push(line), error: (error) => void this.lines.push(String(error)) },
      clock,
    );
  }

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}
