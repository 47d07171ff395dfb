import { wholeNumber } from '../primitives/option-checks.js';
import type { LogPage, LogPosition, LogQuery } from '../store/message-log.js';
import { decodeBody } from './logged-body.js';

/** A message of a room's history. */
export interface HistoryMessage {
  readonly offset: number;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
  readonly event: string;
  readonly data: unknown;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  readonly key: string | undefined;
}

/** Which messages are read. */
export interface HistoryQuery {
  /** Those with a higher offset. */
  readonly after?: number;
  /** Those with a lower offset. */
  readonly before?: number;
  /** Which come first. @default 'oldest' */
  readonly order?: 'oldest' | 'newest';
  /** At most so many. @default 100 */
  readonly limit?: number;
}

/** A page of a room's history. */
export interface HistoryPage extends LogPosition {
  readonly messages: readonly HistoryMessage[];
  /** Whether nothing after `after` was lost to the bounds of the history. */
  readonly isWhole: boolean;
}

/** What reads and forgets one room. */
export interface HistoryPorts {
  read(query: LogQuery): LogPage | PromiseLike<LogPage>;
  remove(): void | PromiseLike<void>;
}

const defaultLimit = 100;

/**
 * What was published to one room, for the application: `server.history('chat.1').read({ order: 'newest' })`. What the store
 * fails with is thrown as it is.
 */
export class RoomHistory {
  readonly #ports: HistoryPorts;

  /** @internal */
  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /** A page; where it ends, the next one begins: `after` (or `before`) the last offset. @throws {OptionError} */
  async read({ limit, ...query }: HistoryQuery = {}): Promise<HistoryPage> {
    const page = await this.#ports.read({
      ...query,
      limit: wholeNumber('limit', limit ?? defaultLimit),
      maxBytes: Infinity,
    });
    const { epoch, offset, isWhole, entries } = page;
    const messages = entries.map((entry): HistoryMessage => {
      const { event, data, meta } = decodeBody(entry.body);
      return { offset: entry.offset, at: entry.at, event, data, meta, key: entry.key };
    });
    return { epoch, offset, isWhole, messages };
  }

  /** Forgets everything: the next message begins a new epoch, and nobody can catch up with what was before. */
  async clear(): Promise<void> {
    await this.#ports.remove();
  }
}
