import { createCounters, type Counters } from '../primitives/counters.js';

const names = [
  'connectionsOpened',
  'connectionsRefused',
  'connectionsClosed',
  'connectionsFailed',
  'connectionsLost',
  'messagesReceived',
  'messagesRefused',
  'messagesOverloaded',
  'messagesDropped',
  'bytesReceived',
  'framesSent',
  'bytesSent',
  'writes',
  'framesDropped',
  'slowConsumersClosed',
  'pings',
  'requestsSent',
  'requestsTimedOut',
  'repliesUnmatched',
  'inboundPauses',
  'sessionsOpened',
  'sessionsRestored',
  'sessionsResumed',
  'sessionsSuperseded',
  'sessionsExpired',
  'sessionsEvicted',
  'sessionGaps',
  'messagesReplayed',
] as const;

export type ConnectionCounterName = (typeof names)[number];

/** What the connections of an application count together. */
export type ConnectionCounters = Counters<ConnectionCounterName>;

export function createConnectionCounters(): ConnectionCounters {
  return createCounters(names);
}
