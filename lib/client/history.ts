import { durationMs, limit, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import type { Envelope } from '../protocol/envelope.js';
import { hasSoundWildcards, matchesPattern } from '../routing/event-pattern.js';
import type { RoomMessage } from './client-api.js';
import { RoomShelf, type Shelved } from './room-shelf.js';
import type { RoomPosition } from './room-position.js';
import type { ClientStorage } from './storage.js';
import { toStoredText } from './storage/stored-text.js';

/** How much is kept of one room: the newest messages within all of the three. */
export interface RoomHistoryLimits {
  /** Messages; `false`: any number. @default 100 */
  readonly count?: number | false;
  /** Bytes of their JSON. A message that is larger by itself is not kept. `false`: any number. @default 262_144 */
  readonly bytes?: number | false;
  /** In milliseconds since it came; `false`: for ever. @default 604_800_000 (a week) */
  readonly ageMs?: number | false;
}

/** Which messages are kept. */
export interface RoomHistoryOptions {
  /** Names of rooms, or patterns of them. The first one that fits a room counts; of other rooms nothing is kept. */
  readonly rooms: Readonly<Record<string, RoomHistoryLimits>>;
  /** Rooms of which something is kept: beyond that the one that has been silent the longest is forgotten. @default 1_000 */
  readonly maxRooms?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Makes the history of one client. */
export type RoomHistoryFactory = (failed: (error: unknown) => void) => RoomHistory;

type Limits = Readonly<Record<'count' | 'bytes' | 'ageMs', number>>;

const defaults = { count: 100, bytes: 262_144, ageMs: 604_800_000, maxRooms: 1_000 } as const;
/** Messages that may come while the storage is being read. */
const mostEarly = 1_000;

/**
 * Has a client keep messages of rooms that it has received, to be read when there is no connection: `client.history(room)`.
 *
 * @example createClient({ url, history: roomHistory(indexedDb(), { rooms: { 'chat.*': { count: 500 } } }) })
 * @throws {OptionError}
 */
export function roomHistory(storage: ClientStorage, options: RoomHistoryOptions): RoomHistoryFactory {
  const patterns = Object.entries(options.rooms).map(([pattern, limits]) => {
    if (!hasSoundWildcards(pattern)) throw new OptionError('rooms', 'names of rooms, or patterns', pattern);
    return [pattern, resolveLimits(pattern, limits)] as const;
  });
  const maxRooms = wholeNumber('maxRooms', options.maxRooms ?? defaults.maxRooms);
  const now = options.now ?? Date.now;
  const limitsOf = (room: string): Limits | undefined =>
    patterns.find(([pattern]) => pattern === room || matchesPattern(pattern, room))?.[1];
  return (failed) => new RoomHistory(storage, { limitsOf, maxRooms, now, failed });
}

function resolveLimits(pattern: string, { count, bytes, ageMs }: RoomHistoryLimits): Limits {
  return {
    count: limit(`rooms["${pattern}"].count`, count ?? defaults.count),
    bytes: limit(`rooms["${pattern}"].bytes`, bytes ?? defaults.bytes),
    ageMs: ageMs === false ? Infinity : durationMs(`rooms["${pattern}"].ageMs`, ageMs ?? defaults.ageMs),
  };
}

interface RoomHistorySettings {
  readonly limitsOf: (room: string) => Limits | undefined;
  readonly maxRooms: number;
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
}

/** Received messages of rooms, in a storage. The client gives it each message once, after what came twice has been dropped. */
export class RoomHistory {
  readonly #storage: ClientStorage;
  readonly #settings: RoomHistorySettings;
  readonly #shelf = new RoomShelf();
  /** What came before the storage was read. */
  #early: Shelved[] | null = [];
  #opened: Promise<void> | null = null;
  #changes: Map<string, unknown> | null = null;
  #saved: Promise<unknown> = Promise.resolve();

  constructor(storage: ClientStorage, settings: RoomHistorySettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /** Takes a message that has come from the server. */
  record({ event, data = null, room }: Envelope, position?: RoomPosition): void {
    if (event === undefined || room === undefined) return;
    const limits = this.#settings.limitsOf(room);
    if (limits === undefined) return;
    try {
      const bytes = utf8Bytes(toStoredText({ event, data }));
      if (bytes > limits.bytes) return;
      this.#take({ room, bytes, at: this.#settings.now(), message: { event, data }, position });
    } catch (error) {
      // A codec may give what JSON does not have.
      this.#settings.failed(error);
    }
  }

  /** The messages of a room that are kept, in the order in which they came. Rejects when the storage fails. */
  async read(room: string): Promise<RoomMessage[]> {
    await this.#open();
    this.#trim(room);
    await this.flush();
    const kept = this.#shelf.keys(room);
    const entries = await this.#storage.load(this.#shelf.prefix(room));
    return entries
      .filter(([key]) => kept.has(key))
      .map(([, value]) => {
        const { event, data } = value as StoredRoomMessage;
        return { event, data, room };
      });
  }

  /** Where the room was when its last message was kept; undefined: nobody asks, or its server keeps no history. Rejects when the storage fails. */
  position(room: string): Promise<RoomPosition | undefined> | undefined {
    if (this.#settings.limitsOf(room) === undefined) return undefined;
    return this.#open().then(() => this.#shelf.last(room));
  }

  /** Resolves when what was recorded until now is in the storage, or has failed. */
  async flush(): Promise<void> {
    if (this.#early !== null && this.#early.length > 0) await this.#open().catch(() => undefined);
    await this.#saved;
  }

  /** Closes the storage. */
  async close(): Promise<void> {
    await this.flush();
    await this.#storage.close();
  }

  #open(): Promise<void> {
    if (this.#opened === null) {
      this.#opened = this.#load();
      // Told once; whoever reads is told by a rejection.
      this.#opened.catch((error: unknown) => this.#settings.failed(error));
    }
    return this.#opened;
  }

  async #load(): Promise<void> {
    for (const [key, value] of await this.#storage.load(this.#shelf.prefix())) {
      const { room, bytes, at, position } = value as StoredRoomMessage;
      this.#shelf.put(room, { key, bytes, at, position });
    }
    this.#shelf.sort();
    for (const room of [...this.#shelf.rooms()]) this.#trim(room);
    this.#forgetRooms();
    const early = this.#early;
    this.#early = null;
    for (const message of early ?? []) this.#take(message);
  }

  #take(shelved: Shelved): void {
    if (this.#early !== null) {
      this.#early.push(shelved);
      if (this.#early.length > mostEarly) this.#early.shift();
      void this.#open().catch(() => undefined);
      return;
    }
    const { room, bytes, at, message, position } = shelved;
    const key = this.#shelf.add(shelved);
    const stored: StoredRoomMessage = { room, bytes, at, ...message, ...(position && { position }) };
    this.#change(key, stored);
    this.#trim(room);
    this.#forgetRooms();
  }

  /** Drops what is beyond the limits of a room. */
  #trim(room: string): void {
    const { limitsOf, now } = this.#settings;
    const { count, bytes, ageMs } = limitsOf(room) ?? { count: 0, bytes: 0, ageMs: 0 };
    for (const key of this.#shelf.trim(room, { count, bytes, since: now() - ageMs }))
      this.#change(key, undefined);
  }

  #forgetRooms(): void {
    while (this.#shelf.size > this.#settings.maxRooms) {
      const [silent = ''] = this.#shelf.rooms();
      for (const key of this.#shelf.trim(silent, { count: 0, bytes: 0, since: 0 }))
        this.#change(key, undefined);
    }
  }

  /** What changes in one turn is saved together. */
  #change(key: string, value: unknown): void {
    if (this.#changes === null) {
      this.#changes = new Map();
      const saving = Promise.resolve().then(() => this.#save());
      this.#saved = Promise.all([this.#saved, saving.catch(this.#settings.failed)]);
    }
    this.#changes.set(key, value);
  }

  #save(): Promise<void> {
    const changes = this.#changes as Map<string, unknown>;
    this.#changes = null;
    return this.#storage.save(changes);
  }
}

interface StoredRoomMessage extends Omit<Shelved, 'message'> {
  readonly event: string;
  readonly data: unknown;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
