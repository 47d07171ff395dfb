import type { InboundMessage } from './inbound-message.js';

/** Who shares a limit: a handler, a gateway, or one ordering key of a handler. */
export interface Lane {
  readonly owner: object;
  /** Ordering key; `undefined` for a plain limit. */
  readonly key: unknown;
  readonly width: number;
}

interface LaneState {
  running: number;
  readonly waiting: InboundMessage[];
}

/** `@Concurrency` and `@OrderBy` of one connection: a message waits here for the one before in its lane; other lanes go on. */
export class Lanes {
  readonly #byOwner = new Map<object, Map<unknown, LaneState>>();

  /** True when the message may run now; otherwise it waits and {@link leave} will give it back. */
  enter(lane: Lane, message: InboundMessage): boolean {
    const state = this.#state(lane);
    if (state.running < lane.width) {
      state.running++;
      return true;
    }
    state.waiting.push(message);
    return false;
  }

  /** A message of the lane is done. Returns the one whose turn it is: it holds the place already. */
  leave(lane: Lane): InboundMessage | undefined {
    const state = this.#state(lane);
    const next = state.waiting.shift();
    if (next !== undefined) return next;
    state.running--;
    if (state.running === 0) this.#forget(lane);
    return undefined;
  }

  #state(lane: Lane): LaneState {
    let states = this.#byOwner.get(lane.owner);
    if (states === undefined) this.#byOwner.set(lane.owner, (states = new Map<unknown, LaneState>()));
    let state = states.get(lane.key);
    if (state === undefined) states.set(lane.key, (state = { running: 0, waiting: [] }));
    return state;
  }

  #forget(lane: Lane): void {
    const states = this.#byOwner.get(lane.owner);
    states?.delete(lane.key);
    if (states?.size === 0) this.#byOwner.delete(lane.owner);
  }
}
