import type { StageHost } from '../../middleware.js';
import type { LogSink } from './log-sink.js';

/** What a message log is made with. */
export interface MessageLogPorts {
  readonly host: StageHost;
  readonly sink: LogSink;
  /** The code that a peer is told for an error. */
  readonly codeOf: (error: unknown) => string;
}
