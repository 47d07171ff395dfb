import { Logger, type LoggerService } from '@nestjs/common';
import type { LogLevel, LogSink } from '../pipeline/stages/logging/log-sink.js';
import type { LogRecord } from '../pipeline/stages/logging/message-log-record.js';

/** Nest's `ConsoleLogger` knows its levels; a logger that does not say gets everything, and sorts it out itself. */
interface LevelledLogger extends Partial<LoggerService> {
  isLevelEnabled?(level: LogLevel): boolean;
}

/** Lines as objects to the application's own logger, whichever that is at the time. */
export class NestLogSink implements LogSink {
  readonly #logger: Logger;

  /** @param context Nest's name for where a line comes from */
  constructor(context: string) {
    this.#logger = new Logger(context);
  }

  isEnabled(level: LogLevel): boolean {
    // None: `logger: false`.
    const logger = this.#logger.localInstance as LevelledLogger | undefined;
    if (logger?.[level] === undefined) return false;
    return typeof logger.isLevelEnabled === 'function' ? logger.isLevelEnabled(level) : true;
  }

  write(level: LogLevel, record: LogRecord): void {
    this.#logger[level](record);
  }
}
