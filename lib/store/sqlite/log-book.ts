import { randomId } from '../../primitives/random-id.js';
import type { LogEntry, LoggedMessage, LogPage, LogPosition, LogQuery, Retention } from '../message-log.js';
import { isSameRetention } from '../same-retention.js';
import type { Book } from './book.js';
import type { LogAnswer, LogAsk } from './log-asks.js';
import type { LogRow, LogTables, StoreRow } from './log-tables.js';
import type { MessageTable } from './message-table.js';
import { damaged, entryOf, storeBody } from './stored-body.js';

/** Rows of logs that are remembered between transactions. */
const rememberedLogs = 10_000;
/** Rows that are looked at together where it is not known how many there will be. */
const together = 256;
const few = 8;

interface OpenLog extends LogRow {
  /** By which it was cut last. */
  retention: Retention;
  /** Not after its oldest message was appended. */
  oldestAt: number;
}

export interface LogBookSettings {
  readonly logs: number;
  /** Bodies of this size or more are compressed. */
  readonly compressFrom: number;
}

/**
 * All logs, within one transaction at a time. What has become too much of a log is deleted together: before it is read,
 * before its bounds change, and at the end of the transaction.
 */
export class LogBook implements Book<LogAsk, LogAnswer> {
  readonly #tables: LogTables;
  readonly #messages: MessageTable;
  readonly #settings: LogBookSettings;
  readonly #open = new Map<string, OpenLog>();
  readonly #changed = new Set<OpenLog>();
  /** Logs whose messages were counted once, and were as many as they should be. */
  readonly #verified = new Set<number>();
  /** The log whose old messages were looked for last, and by which time. */
  #swept = 0;
  #now = 0;
  #isChanged = false;
  row: StoreRow;

  /** @throws {StoreError} */
  constructor(tables: LogTables, messages: MessageTable, settings: LogBookSettings) {
    this.#tables = tables;
    this.#messages = messages;
    this.#settings = settings;
    this.row = tables.store();
    if (tables.countLogs() !== this.row.logs) throw damaged();
  }

  /** Whether there is something to commit. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  answer(ask: LogAsk): LogAnswer {
    switch (ask.kind) {
      case 'append':
        return { position: this.append(ask.log, ask.message, ask.size, ask.retention, ask.now) };
      case 'read':
        return { page: this.read(ask.log, ask.query, ask.now) };
      case 'remove':
        this.remove(ask.log);
        return { isRemoved: true };
    }
  }

  append(
    name: string,
    { body, key }: LoggedMessage,
    size: number,
    retention: Retention,
    now: number,
  ): LogPosition {
    const log = this.#find(name) ?? this.#begin(name);
    this.#rebound(log, retention, now);
    // Never back, also when the machine's clock is: so the oldest is the first to be too old.
    log.at = this.#now = Math.max(log.at, now);
    const place = ++log.place;
    const keyed = key === undefined ? null : Buffer.from(key);
    if (retention.latestPerKey && keyed !== null) {
      const freed = this.#messages.deleteNamed(log.id, keyed);
      if (freed !== undefined) gone(log, freed);
    }
    const stored = storeBody(body, keyed, log, size, this.#settings.compressFrom);
    this.#messages.insert(log, size, keyed, stored);
    if (log.messages === 0) log.oldestAt = log.at;
    log.messages++;
    log.bytes += size;
    this.#changed.add(log);
    this.#isChanged = true;
    // With keys each step counts: what is superseded later would leave room for what was beyond the bound before.
    if (retention.latestPerKey) this.#trim(log, log.at);
    return { epoch: log.epoch, offset: place };
  }

  read(name: string, query: LogQuery, now: number): LogPage {
    const log = this.#find(name);
    if (log === undefined) return { epoch: this.row.next_epoch, offset: 0, entries: [], isWhole: true };
    if (this.#changed.has(log)) this.#trim(log, log.at);
    const { after = 0 } = query;
    const lost = this.#lostThrough(log, now);
    const entries = this.#entries(log, query, Math.max(after, lost));
    return { epoch: log.epoch, offset: log.place, entries, isWhole: after >= lost };
  }

  remove(name: string): void {
    const log = this.#find(name);
    if (log !== undefined) this.#drop(name, log.id);
  }

  /** Another epoch for every log, from where it is: what is left keeps its place, but nobody goes on from elsewhere. */
  renew(): void {
    this.forget();
    this.row.next_epoch = randomId();
    this.#tables.saveEpoch(this.row.next_epoch);
    this.#isChanged = true;
  }

  setUnsynced(boot: string): void {
    this.row.unsynced = boot;
    this.#isChanged = true;
  }

  /** Writes what has changed, before the commit. */
  save(): void {
    this.#sweep();
    this.row.commits++;
    for (const log of this.#changed) {
      this.#trim(log, log.at);
      this.#tables.save(log, this.row.commits);
    }
    this.#messages.flush();
    this.#tables.saveStore(this.row);
    this.#changed.clear();
    this.#isChanged = false;
    if (this.#open.size > rememberedLogs) this.#open.clear();
  }

  /** Lets go of what is remembered: it is not, or no longer, what is in the file. */
  forget(): void {
    this.#messages.forget();
    this.#open.clear();
    this.#changed.clear();
    this.#isChanged = false;
    this.row = this.#tables.store();
  }

  #find(name: string): OpenLog | undefined {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const row = this.#tables.find(name);
    if (row === undefined) return undefined;
    if (!this.#verified.has(row.id)) this.#verify(row);
    const [oldest] = this.#messages.oldest(row.id, 1);
    const { ageMs, isKeyed } = row;
    const retention = { count: Infinity, bytes: Infinity, ageMs, latestPerKey: isKeyed };
    return this.#remember(name, { ...row, retention, oldestAt: oldest?.at ?? Infinity });
  }

  #remember(name: string, log: OpenLog): OpenLog {
    this.#open.set(name, log);
    return log;
  }

  /** A damaged page may hide messages, or the way to them; what is read of them is checked by itself. */
  #verify({ id, messages, bytes, lost, place }: LogRow): void {
    const totals = this.#messages.totals(id);
    const isAsWritten = totals.messages === messages && totals.bytes === bytes;
    if (!isAsWritten || this.#messages.countFound(id, lost, place) !== messages) throw damaged();
    this.#verified.add(id);
  }

  #begin(name: string): OpenLog {
    while (this.row.logs >= this.#settings.logs) this.#evict();
    const row = this.#tables.create(name, this.row.next_epoch);
    this.row.logs++;
    this.#verified.add(row.id);
    const retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
    return this.#remember(name, { ...row, retention, oldestAt: Infinity });
  }

  #evict(): void {
    // Those that were appended to just now are not the ones.
    for (const log of this.#changed) this.#tables.save(log, this.row.commits + 1);
    const { name, id } = this.#tables.leastUsed();
    this.#drop(name, id);
  }

  #drop(name: string, id: number): void {
    const log = this.#open.get(name);
    if (log !== undefined) this.#changed.delete(log);
    this.#open.delete(name);
    this.#verified.delete(id);
    this.#messages.drop(id);
    this.#tables.drop(id);
    this.row.logs--;
    // For all that begin from now on: which of them was there before need not be remembered.
    this.row.next_epoch = randomId();
    this.#isChanged = true;
  }

  #rebound(log: OpenLog, retention: Retention, now: number): void {
    if (isSameRetention(log.retention, retention)) return;
    // What was too old by the bound until now does not come back by a wider one.
    if (retention.ageMs !== log.ageMs) this.#trim(log, Math.max(log.at, now));
    else if (this.#changed.has(log)) this.#trim(log, log.at);
    if (retention.latestPerKey && !log.retention.latestPerKey) {
      this.#messages.keepLatest(log.id);
      Object.assign(log, this.#messages.totals(log.id));
    }
    log.retention = retention;
    log.ageMs = retention.ageMs;
    log.isKeyed = retention.latestPerKey;
  }

  #trim(log: OpenLog, now: number): void {
    const { count, bytes, ageMs } = log.retention;
    const isWithin = (at: number): boolean =>
      log.messages <= count && log.bytes <= bytes && now - at <= ageMs;
    while (log.messages > 0 && !isWithin(log.oldestAt)) {
      const rows = this.#messages.oldest(log.id, Math.min(Math.max(log.messages - count + 1, few), together));
      if (rows.length === 0) throw damaged();
      let through = 0;
      for (const { place, at, size } of rows) {
        log.oldestAt = at;
        if (isWithin(at)) break;
        gone(log, size);
        through = place;
      }
      if (through === 0) return;
      log.lost = through;
      this.#messages.deleteThrough(log.id, through);
    }
  }

  /** One log per commit, in turn: what is too old goes from those too that nobody appends to. */
  #sweep(): void {
    const next = this.#tables.logAfter(this.#swept);
    this.#swept = next?.id ?? 0;
    if (next === undefined || next.age_ms === null || next.messages === 0) return;
    const log = this.#find(next.name);
    if (log === undefined || this.#now - log.oldestAt <= log.ageMs) return;
    this.#trim(log, this.#now);
    this.#tables.save(log, 0);
  }

  /** The last message that is lost by now: it is deleted with the next append, or in its turn. */
  #lostThrough({ id, lost, place, oldestAt, ageMs }: OpenLog, now: number): number {
    let last = lost;
    if (now - oldestAt <= ageMs) return last;
    // Up to `last` all are too old, and from `end` on none is.
    let end = place + 1;
    while (last + 1 < end) {
      const middle = (last + 1 + end) >>> 1;
      const found = this.#messages.from(id, middle);
      if (found !== undefined && found.place < end && now - found.at > ageMs) last = found.place;
      else end = middle;
    }
    return last;
  }

  #entries(log: OpenLog, query: LogQuery, after: number): LogEntry[] {
    const { before = Infinity, order, limit, maxBytes } = query;
    const range = { after: Math.min(after, log.place), before: Math.min(before, log.place + 1) };
    const isNewest = order === 'newest';
    let most = Math.min(limit, log.messages);
    if (maxBytes < log.bytes) most = this.#fitting(log.id, range, isNewest, most, maxBytes);
    return this.#messages.messages(log.id, range.after, range.before, isNewest, most).map(entryOf);
  }

  /** How many fit into `maxBytes`: bodies are read only when that is known. */
  #fitting(
    id: number,
    { after, before }: { after: number; before: number },
    isNewest: boolean,
    most: number,
    maxBytes: number,
  ): number {
    let bytes = 0;
    let fitting = 0;
    while (fitting < most) {
      const rows = this.#messages.sizes(id, after, before, isNewest, Math.min(most - fitting, together));
      for (const { place, size } of rows) {
        bytes += size;
        if (bytes > maxBytes && fitting > 0) return fitting;
        fitting++;
        if (isNewest) before = place;
        else after = place;
      }
      if (rows.length < together) break;
    }
    return fitting;
  }
}

function gone(log: OpenLog, size: number): void {
  log.messages--;
  log.bytes -= size;
}
