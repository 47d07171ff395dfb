import type { Connection } from '../connection/connection.js';
import { after, type Clock } from '../primitives/clock.js';
import { CloseCode } from '../protocol/close-code.js';
import type { Outcomes } from './outcomes.js';

/** A connection as a drain sees it. */
export interface Draining {
  readonly connection: Connection;
  /** Lets no new message in; resolves when those inside have left their handlers. Undefined: none is inside. */
  quiesce(): Promise<void> | undefined;
}

/** What a drain needs. */
export interface DrainSettings {
  readonly clock: Clock;
  readonly drainMs: number;
  /** How long peers may take to answer a close frame. */
  readonly closeMs: number;
  readonly outcomes: Outcomes;
}

const batchEveryMs = 100;
const smallestBatch = 256;

/**
 * Closes connections with 1001, in batches over the first half of the time so that they do not all come back at once,
 * each when its handlers have answered; terminates what is left at the end.
 */
export async function drainConnections(
  draining: readonly Draining[],
  settings: DrainSettings,
): Promise<void> {
  const { clock, drainMs, closeMs, outcomes } = settings;
  const connections = draining.map(({ connection }) => connection);
  const batches = Math.max(1, Math.floor(drainMs / 2 / batchEveryMs));
  const batchSize = Math.max(smallestBatch, Math.ceil(connections.length / batches));
  const spreadMs = Math.ceil(connections.length / batchSize) * batchEveryMs;
  const startedAt = clock.now();
  const outOfTime = wait(clock, Math.max(drainMs / 2, drainMs - closeMs));
  const closed = connections.map((connection) => whenClosed(connection));
  for (const connection of connections) {
    // A plain client may not know events of the protocol's own.
    if (!connection.protocol.startsWith('gatewire.v1.')) continue;
    const reconnectMs = Math.floor(Math.random() * Math.max(1000, spreadMs));
    outcomes.event(connection, '$drain', { reconnectMs });
  }
  for (let start = 0; start < connections.length; start += batchSize) {
    if (start > 0) await wait(clock, batchEveryMs);
    for (const one of draining.slice(start, start + batchSize)) {
      const close = (): void => one.connection.dismiss(CloseCode.GoingAway, 'server is shutting down');
      const handlers = one.quiesce();
      if (handlers === undefined) close();
      else void Promise.race([handlers, outOfTime]).then(close);
    }
  }
  const leftMs = Math.max(0, drainMs - (clock.now() - startedAt));
  await Promise.race([Promise.all(closed), wait(clock, leftMs)]);
  for (const connection of connections) if (connection.state !== 'closed') connection.terminate();
  await Promise.all(closed);
}

function whenClosed(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (connection.state === 'closed') resolve();
    else connection.once('close', () => resolve());
  });
}

function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void after(clock, delayMs, resolve));
}
