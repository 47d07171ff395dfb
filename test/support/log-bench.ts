import type { MessageOutcome } from '../../lib/pipeline/inbound-message.js';
import type { LogLevel } from '../../lib/pipeline/stages/logging/log-sink.js';
import type { LogRecord } from '../../lib/pipeline/stages/logging/message-log-record.js';
import type { MessageLogOptions } from '../../lib/pipeline/stages/logging/message-log.options.js';
import { MessageLogStage } from '../../lib/pipeline/stages/logging/message-log.stage.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { StageBench } from './stage-bench.js';

/** A message log whose lines are kept. */
export class LogBench extends StageBench {
  readonly records: [LogLevel, LogRecord][] = [];
  levels: readonly LogLevel[] = ['verbose', 'debug', 'log', 'warn', 'error'];

  constructor(options: MessageLogOptions = {}) {
    super();
    this.stage = new MessageLogStage(options, {
      host: this,
      sink: {
        isEnabled: (level) => this.levels.includes(level),
        write: (level, record) => void this.records.push([level, record]),
      },
      codeOf: (error) => (isGatewireError(error) ? error.code : 'INTERNAL'),
    });
  }

  get last(): LogRecord | undefined {
    return this.records.at(-1)?.[1];
  }

  /** The phases that it takes part in. */
  get phases(): string[] {
    return Object.entries(this.stage).flatMap(([name, phase]) => (phase === undefined ? [] : [name]));
  }

  /** Lets a message through that ends like this, after so many milliseconds. */
  ends(outcome: MessageOutcome | undefined, event = 'order', ms = 0): void {
    const message = this.message(event, { text: 'secret' }, { id: 7 });
    void this.stage.inbound?.(message, () => {
      this.clock.advance(ms);
      if (outcome !== undefined) message.settle(outcome);
    });
  }
}
