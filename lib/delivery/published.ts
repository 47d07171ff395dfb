import type { LogPosition } from '../store/message-log.js';

/** What became of a message that was published to a room. */
export interface Published {
  /**
   * Its place in the room's history, once it is there; undefined where the room has none. Rejects when the store has
   * failed: then nobody has got the message.
   */
  readonly logged: Promise<LogPosition | undefined>;
}

/** To a room without history. */
export const notLogged: Published = {
  get logged() {
    return Promise.resolve(undefined);
  },
};

/** In its place already. A promise only for who asks. */
export class Logged implements Published {
  readonly #position: LogPosition;

  constructor(position: LogPosition) {
    this.#position = position;
  }

  get logged(): Promise<LogPosition> {
    return Promise.resolve(this.#position);
  }
}

/** On its way into the store. */
export class BeingLogged implements Published {
  readonly logged: Promise<LogPosition>;

  constructor(logged: Promise<LogPosition>) {
    this.logged = logged;
    // Whoever does not look has it in the log and the counters.
    logged.catch(() => undefined);
  }
}
