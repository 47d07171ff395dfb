import type { EmitOptions } from '../connection/emit-options.js';
import type { Published } from '../delivery/published.js';
import type { RoomHistories } from '../delivery/room-histories.js';
import type { RoomHistory } from '../delivery/room-history.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';

/** The rooms of all endpoints, for who publishes to whatever has a room of that name. */
export class AllRooms {
  readonly #endpoints: () => Iterable<{ readonly histories: RoomHistories }>;

  constructor(endpoints: () => Iterable<{ readonly histories: RoomHistories }>) {
    this.#endpoints = endpoints;
  }

  /** Each endpoint has a history of its own: the position is that of the first. */
  publish(room: string, event: string, data: unknown, options: EmitOptions | undefined): Published {
    const published = [...this.#endpoints()].map(({ histories }) =>
      histories.publish(room, event, data, options),
    );
    const [only] = published;
    if (only !== undefined && published.length === 1) return only;
    return {
      get logged() {
        return Promise.all(published.map(({ logged }) => logged)).then(([first]) => first);
      },
    };
  }

  of(room: string): RoomHistory {
    const [first, ...others] = this.#endpoints();
    if (first === undefined || others.length > 0)
      throw new GatewireError(
        ErrorCode.BadRequest,
        `the application has ${others.length + (first === undefined ? 0 : 1)} endpoints, and each has rooms of its own`,
        { remediation: 'Take the server that @WebSocketServer() gives a gateway.' },
      );
    return first.histories.of(room);
  }
}
