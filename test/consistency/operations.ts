import type { ClientState } from '../../lib/client/client-states.js';

/** What the application at either end does, and time. */
export type Step =
  /** An emit; `isSlow`: its handler waits for `release`. */
  | { readonly do: 'emit'; readonly isSlow: boolean }
  /** A request; `isPatient`: without a time-out. */
  | { readonly do: 'request'; readonly isSlow: boolean; readonly isPatient: boolean }
  /** Takes back the oldest request that can be. */
  | { readonly do: 'abort' }
  | { readonly do: 'volatile' }
  /** A streamed answer; `isPaced`: each item waits for `release`. */
  | { readonly do: 'stream'; readonly items: number; readonly isPaced: boolean }
  /** The reader of the oldest stream leaves. */
  | { readonly do: 'leave' }
  /** The server sends to every connection it has. */
  | { readonly do: 'tick'; readonly count: number; readonly isVolatile: boolean }
  /** The server sends to a room. */
  | { readonly do: 'broadcast'; readonly room: string }
  /** The server asks every connection it has. */
  | { readonly do: 'ask' }
  | { readonly do: 'subscribe'; readonly room: string }
  | { readonly do: 'unsubscribe'; readonly room: string }
  /** The client publishes to a room. */
  | { readonly do: 'publish'; readonly room: string }
  /** Handlers that wait go on. */
  | { readonly do: 'release' }
  | { readonly do: 'connect' }
  | { readonly do: 'time'; readonly ms: number }
  /** Nothing is held back or refused any more, and the platform is online. */
  | { readonly do: 'heal' }
  /** Until nothing moves. */
  | { readonly do: 'settle' };

/** What goes wrong, or is done on purpose at a bad moment. */
export type Fault =
  | { readonly do: 'reset' | 'finish' | 'halfOpen' | 'holdEnds' }
  | { readonly do: 'refuse' }
  | { readonly do: 'resetSide'; readonly side: 'client' | 'server' }
  | { readonly do: 'cutAfter'; readonly direction: 'up' | 'down'; readonly bytes: number }
  | { readonly do: 'hold'; readonly direction: 'up' | 'down' }
  /** The server drains and starts again. */
  | { readonly do: 'drain' }
  /** The server's process is gone in a moment, and there is a new one. */
  | { readonly do: 'crash' }
  /** The page is gone, and there is a new one on the same storage. `isTold`: it was told before (`pagehide`). */
  | { readonly do: 'reload'; readonly isTold: boolean }
  | { readonly do: 'close' }
  | { readonly do: 'offline' };

export type FaultName = Fault['do'];

/** A fault at the moment when the client comes into a state. */
export interface Ambush {
  readonly do: 'when';
  readonly state: ClientState;
  readonly fault: Fault;
}

/** One operation, and how often the event loop turns after it before the next one. */
export interface Operation {
  readonly act: Step | Fault | Ambush;
  readonly turns: number;
}

/** What a schedule's client is made with. */
export interface ScheduleOptions {
  readonly hasStorage: boolean;
  readonly autoConnect: boolean;
  /** Milliseconds of rest; false: none. */
  readonly idleMs: number | false;
  /** Messages of the outbox. */
  readonly outbox: number;
  readonly whenFull: 'refuse' | 'drop-oldest' | 'drop-newest';
}

export interface Schedule {
  readonly options: ScheduleOptions;
  readonly operations: readonly Operation[];
}

export const faultNames = [
  'reset',
  'finish',
  'halfOpen',
  'resetSide',
  'cutAfter',
  'hold',
  'holdEnds',
  'refuse',
  'drain',
  'crash',
  'reload',
  'close',
  'offline',
] as const satisfies readonly FaultName[];

const faultSet: ReadonlySet<string> = new Set(faultNames);

export function isFault(act: Operation['act']): act is Fault {
  return faultSet.has(act.do);
}
