import type { ConnectionCounters } from './connection-counters.js';
import type { FlushScheduler } from './flush-scheduler.js';
import type { Session } from './session.js';
import type { SlowConsumerPolicy } from './slow-consumer.js';

/** What all send queues of an endpoint have in common. */
export interface SendQueueSettings {
  /**
   * Bytes that may wait for one peer, here and in the socket's own buffer. An empty queue takes one message of any
   * size, and what is longer than the bound does not count against what follows it.
   */
  readonly sendQueueBytes: number;
  readonly slowConsumer: SlowConsumerPolicy;
  readonly scheduler: FlushScheduler;
  readonly counters: ConnectionCounters;
}

/** What a send queue knows of its connection. */
export interface SendQueueOwner {
  /** Numbers what is written, and keeps it. */
  readonly session?: Pick<Session, 'log' | 'whenBack'> | undefined;
  /** The policy (or the lack of anything to drop) ends the connection; with a session, its client is away from now on. */
  slowConsumer(): void;
}
