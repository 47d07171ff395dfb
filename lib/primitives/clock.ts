/** A timer handle as the clock that made it understands it. */
export type TimerHandle = unknown;

/** Time as gatewire sees it, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds that only go forward; comparable with each other, not with the calendar. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
  setInterval(callback: () => void, intervalMs: number): TimerHandle;
  clearInterval(handle: TimerHandle): void;
}

interface Unrefable {
  unref?: () => unknown;
}

/** A server's timers never keep a process alive by themselves: the sockets they guard do. */
function unref<Handle>(handle: Handle): Handle {
  (handle as Unrefable).unref?.();
  return handle;
}

function machineClock(hold: <Handle>(handle: Handle) => Handle): Clock {
  return {
    now: () => performance.now(),
    setTimeout: (callback, delayMs) => hold(setTimeout(callback, delayMs)),
    clearTimeout: (handle) => clearTimeout(handle as Parameters<typeof clearTimeout>[0]),
    setInterval: (callback, intervalMs) => hold(setInterval(callback, intervalMs)),
    clearInterval: (handle) => clearInterval(handle as Parameters<typeof clearInterval>[0]),
  };
}

/** The machine's clock for servers. */
export const systemClock = machineClock(unref);

/** The machine's clock for clients: a timer keeps the process alive, as one that waits to reconnect has nothing else. */
export const clientClock = machineClock((handle) => handle);

/** A one-shot timer, or none where `delayMs` is `Infinity` (Node would fire at once). */
export function after(clock: Clock, delayMs: number, callback: () => void): TimerHandle {
  return delayMs === Infinity ? undefined : clock.setTimeout(callback, delayMs);
}
