import type { GatewireError } from '../../protocol/gatewire-error.js';
import type { RoomMessage, Subscription } from '../client-api.js';
import type { PageLink } from './page-link.js';

interface Room {
  readonly room: string;
  readonly listener: ((message: RoomMessage) => void) | undefined;
  readonly settle: (error?: GatewireError) => void;
  /** Whether it has been ready once: then it is entered again by a page that comes back. */
  isIn: boolean;
}

/** Rooms that a page has subscribed to, each call for itself: the worker joins them. */
export class SharedRooms {
  readonly #link: PageLink;
  readonly #failed: (error: unknown) => void;
  readonly #rooms = new Map<number, Room>();

  constructor(link: PageLink, failed: (error: unknown) => void) {
    this.#link = link;
    this.#failed = failed;
  }

  add(name: string, listener?: (message: RoomMessage) => void): Subscription {
    const id = this.#link.nextId();
    const ready = new Promise<void>((resolve, reject) => {
      const settle = (error?: GatewireError): void => (error === undefined ? resolve() : reject(error));
      this.#enter(id, { room: name, listener, settle, isIn: false });
    });
    // Who does not wait for it has not failed.
    ready.catch(() => undefined);
    const unsubscribe = (): void => {
      if (this.#rooms.delete(id)) this.#link.tell({ op: 'unsubscribe', id });
    };
    return { room: name, ready, unsubscribe };
  }

  /** The worker has to be told of all. */
  join(): void {
    for (const [id, room] of this.#rooms) this.#enter(id, room);
  }

  published(id: number, message: RoomMessage): void {
    try {
      this.#rooms.get(id)?.listener?.(message);
    } catch (error) {
      this.#failed(error);
    }
  }

  #enter(id: number, room: Room): void {
    this.#rooms.set(id, room);
    this.#link.ask(
      { op: 'subscribe', id, room: room.room },
      {
        outcome: () => {
          room.isIn = true;
          room.settle();
        },
        failed: (error) => {
          // A room that it has been in comes back with the page.
          if (room.isIn && error.code === 'DISCONNECTED') return;
          this.#rooms.delete(id);
          if (room.isIn) this.#failed(error);
          else room.settle(error);
        },
      },
    );
  }
}
