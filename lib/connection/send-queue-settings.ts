import type { ConnectionCounters } from './connection-counters.js';
import type { FlushScheduler } from './flush-scheduler.js';
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

/** Told when the policy (or the lack of anything to drop) ends the connection. */
export interface SendQueueOwner {
  slowConsumer(): void;
}
