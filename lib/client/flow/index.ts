/** `gatewire/client/flow`: parts of the option `flow` of a client. Each is a file of its own: what is not used is not loaded. */
export { aggregate, type AggregateOptions, latest, list, sum } from './aggregator.js';
export type { Aggregation } from '../../exchange/aggregator.js';
export { batching, type BatchingOptions } from './batching.js';
export { latestOnly } from './latest-only.js';
export { priorities, type PriorityOptions } from './priority-queue.js';
