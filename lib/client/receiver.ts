import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import { errorBodyOf } from './error-body.js';
import type { RoomHistory } from './history.js';
import type { Listeners } from './listeners.js';
import type { Subscriptions } from './subscriptions.js';

/** Where what comes from the server goes. */
export interface ReceiverPorts {
  /** Listeners of the application's events. */
  readonly events: Listeners;
  /** Gives an outcome to who waits for it. False: nobody does. */
  outcome(envelope: Envelope): boolean;
  /** Keeps messages of rooms. */
  readonly history: Pick<RoomHistory, 'record'> | null;
  /** Messages that were published to rooms. */
  readonly rooms: Pick<Subscriptions, 'place' | 'positionOf' | 'published'>;
  /** An event of the protocol's own. */
  control(event: string, data: unknown): void;
  /** Answers a request of the server. */
  readonly reply: (envelope: Envelope) => void;
  failed(error: unknown): void;
}

/** Tells those who wait what has come. */
export class Receiver {
  readonly #ports: ReceiverPorts;

  constructor(ports: ReceiverPorts) {
    this.#ports = ports;
  }

  receive(envelope: Envelope): void {
    const { id, event, data } = envelope;
    const isAsked = event !== undefined && typeof id === 'number' && id < 0;
    // A stage has refused what was asked.
    if (isAsked && envelope.error !== undefined) return this.#ports.reply({ id, error: envelope.error });
    if (isAsked) return this.#answer(id, event, data);
    if (id !== undefined) this.#ports.outcome(envelope);
    // What a stage has taken away has left its place.
    else if (event === undefined) this.#ports.rooms.place(envelope);
    // An outcome may carry an event of the application as well.
    if (event === undefined) return;
    if (event.startsWith('$')) this.#ports.control(event, data);
    else {
      if (envelope.room !== undefined) {
        const { history, rooms } = this.#ports;
        if (!rooms.place(envelope)) return;
        history?.record(envelope, rooms.positionOf(envelope.room));
        rooms.published(envelope);
      }
      this.#ports.events.tell(event, data);
    }
  }

  /** The server asks: it gets exactly one outcome. */
  #answer(id: number, event: string, data: unknown): void {
    const { events, reply } = this.#ports;
    if (!events.has(event)) {
      const error = { code: 'UNKNOWN_EVENT', message: 'nobody here listens to this event' };
      return reply({ id, error });
    }
    const refuse = (error: unknown): void => {
      if (!isGatewireError(error)) this.#ports.failed(error);
      reply({ id, error: errorBodyOf(error) });
    };
    try {
      // The mark is for who passes an event on to others: only then their answers are worth waiting for.
      const answer = events.ask(event, data, true);
      if (isPromise(answer)) answer.then((settled) => reply({ id, data: settled ?? null }), refuse);
      else reply({ id, data: answer ?? null });
    } catch (error) {
      refuse(error);
    }
  }
}
