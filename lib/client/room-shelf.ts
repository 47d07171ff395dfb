import type { RoomPosition } from './room-position.js';

/** A message on its way to the shelf. */
export interface Shelved {
  readonly room: string;
  readonly bytes: number;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
  readonly message: { readonly event: string; readonly data: unknown };
  /** In the server's history of the room. */
  readonly position?: RoomPosition | undefined;
}

/** Where one message is stored. */
interface Place {
  readonly key: string;
  readonly bytes: number;
  readonly at: number;
  readonly position?: RoomPosition | undefined;
}

/** What is kept of a room: these many at most, none from before `since`. */
interface ShelfLimits {
  readonly count: number;
  readonly bytes: number;
  readonly since: number;
}

interface Room {
  places: Place[];
  bytes: number;
}

const roomPrefix = 'room/';

/** Which messages of which rooms are stored under which keys; the messages themselves are elsewhere. */
export class RoomShelf {
  /** From the one that has been silent the longest. */
  #rooms = new Map<string, Room>();
  /** Keys of messages begin with a time that only goes forward, also where the clock does not. */
  #time = 0;
  #count = 0;

  get size(): number {
    return this.#rooms.size;
  }

  rooms(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** What the keys of a room (or of all) begin with: its name in quotation marks is the beginning of no other. */
  prefix(room?: string): string {
    return room === undefined ? roomPrefix : `${roomPrefix}${JSON.stringify(room)}/`;
  }

  /** Where the room was when its last message came. */
  last(room: string): RoomPosition | undefined {
    return this.#rooms.get(room)?.places.at(-1)?.position;
  }

  keys(room: string): ReadonlySet<string> {
    return new Set(this.#rooms.get(room)?.places.map(({ key }) => key));
  }

  /** What was stored by an earlier life: in the order of the keys, then {@link sort}. */
  put(room: string, place: Place): void {
    const time = Number(place.key.slice(this.prefix(room).length).split('.')[0]);
    // What comes now comes later than all of it.
    if (time >= this.#time) this.#time = time + 1;
    this.#push(room, place);
  }

  /** Puts the rooms in the order in which they were heard last. */
  sort(): void {
    const last = ({ places }: Room): number => places.at(-1)?.at ?? 0;
    this.#rooms = new Map([...this.#rooms].sort(([, a], [, b]) => last(a) - last(b)));
  }

  /** A new message. Returns its key. */
  add({ room, bytes, at, position }: Omit<Shelved, 'message'>): string {
    this.#time = Math.max(this.#time, at);
    const key = `${this.prefix(room)}${String(this.#time).padStart(15, '0')}.${String(++this.#count).padStart(9, '0')}`;
    this.#push(room, { key, bytes, at, position });
    return key;
  }

  /** Takes the oldest messages off until the rest is within the limits. Returns their keys. */
  trim(room: string, { count, bytes, since }: ShelfLimits): string[] {
    const shelf = this.#rooms.get(room);
    if (shelf === undefined) return [];
    let gone = 0;
    for (const place of shelf.places) {
      const isWithin = shelf.places.length - gone <= count && shelf.bytes <= bytes && place.at >= since;
      if (isWithin) break;
      shelf.bytes -= place.bytes;
      gone++;
    }
    if (gone === shelf.places.length) this.#rooms.delete(room);
    return shelf.places.splice(0, gone).map(({ key }) => key);
  }

  #push(room: string, place: Place): void {
    const shelf = this.#rooms.get(room) ?? { places: [], bytes: 0 };
    shelf.places.push(place);
    shelf.bytes += place.bytes;
    // It has been heard last.
    this.#rooms.delete(room);
    this.#rooms.set(room, shelf);
  }
}
