import type {
  LogEntry,
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  Retention,
} from '../../lib/store/message-log.js';

interface NaiveLog {
  readonly epoch: string;
  offset: number;
  lost: number;
  ageMs: number;
  entries: LogEntry[];
}

/** What the port says, in as few words as there are, and as slow as it comes: drivers are compared with it. */
export class NaiveMessageLog {
  now = 0;
  #epochs = 0;
  readonly #logs = new Map<string, NaiveLog>();

  append(name: string, { body, key }: LoggedMessage, retention: Retention): LogPosition {
    const log = this.#log(name);
    if (retention.ageMs !== log.ageMs) this.#loseAged(log);
    log.offset++;
    log.ageMs = retention.ageMs;
    log.entries.push({ offset: log.offset, at: this.now, body, key });
    if (retention.latestPerKey) {
      log.entries = log.entries.filter(
        (entry, index, entries) =>
          entry.key === undefined || !entries.slice(index + 1).some((later) => later.key === entry.key),
      );
    }
    while (log.entries.length > retention.count || sizeOf(log.entries) > retention.bytes) this.#lose(log);
    this.#loseAged(log);
    return { epoch: log.epoch, offset: log.offset };
  }

  read(name: string, { after = 0, before = Infinity, order, limit, maxBytes }: LogQuery): LogPage {
    const log = this.#log(name);
    this.#loseAged(log);
    const found = log.entries.filter(({ offset }) => offset > after && offset < before);
    if (order === 'newest') found.reverse();
    const entries = found
      .slice(0, limit)
      .filter((_, index, all) => index === 0 || sizeOf(all.slice(0, index + 1)) <= maxBytes);
    return { epoch: log.epoch, offset: log.offset, entries, isWhole: after >= log.lost };
  }

  remove(name: string): void {
    this.#logs.delete(name);
  }

  #log(name: string): NaiveLog {
    const found = this.#logs.get(name);
    if (found !== undefined) return found;
    const log = { epoch: `epoch ${++this.#epochs}`, offset: 0, lost: 0, ageMs: Infinity, entries: [] };
    this.#logs.set(name, log);
    return log;
  }

  #loseAged(log: NaiveLog): void {
    while (log.entries.length > 0 && this.now - log.entries[0]!.at > log.ageMs) this.#lose(log);
  }

  #lose(log: NaiveLog): void {
    log.lost = log.entries.shift()!.offset;
  }
}

function sizeOf(entries: readonly LogEntry[]): number {
  return entries.reduce(
    (sum, { body, key }) => sum + Buffer.byteLength(body) + (key === undefined ? 0 : Buffer.byteLength(key)),
    0,
  );
}
