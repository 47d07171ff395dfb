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

/** Timers never keep a process alive by themselves: the sockets they guard do. */
function unref<Handle>(handle: Handle): Handle {
  (handle as Unrefable).unref?.();
  return handle;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => unref(setTimeout(callback, delayMs)),
  clearTimeout: (handle) => clearTimeout(handle as Parameters<typeof clearTimeout>[0]),
  setInterval: (callback, intervalMs) => unref(setInterval(callback, intervalMs)),
  clearInterval: (handle) => clearInterval(handle as Parameters<typeof clearInterval>[0]),
};

/** A one-shot timer, or none where `delayMs` is `Infinity` (Node would fire at once). */
export function after(clock: Clock, delayMs: number, callback: () => void): TimerHandle {
  return delayMs === Infinity ? undefined : clock.setTimeout(callback, delayMs);
}
