import type { StoredSession } from '../session-store.js';
import { movedAway, StoreError, type StoreFault } from '../store-error.js';
import { BatchQueue, type WaitingAsk } from './batch-queue.js';
import { batchScript } from './batch-script.js';
import { adoptScript, renewScript } from './owner-scripts.js';
import type { RedisArgument } from './redis-client.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisSessionStoreSettings } from './redis-session-store.options.js';
import { askToDiscard, askToTouch, type SessionAsk } from './session-asks.js';
import { SessionKeys } from './session-keys.js';
import { SessionPromises } from './session-promises.js';
import { type AdoptReply, readAdoptReply, readBatchReply } from './session-reply.js';

/** Some sessions of those who do not live. */
interface AdoptAsk {
  readonly kind: 'adopt';
  readonly owner: string;
}
type Ask = SessionAsk | AdoptAsk;

/** What is adopted in one step. */
const pageSessions = 200;
const pageBytes = 1_048_576;
/** Sessions that are told to stay, each time that an owner says that it lives. */
const mostTouched = 500;

const faults: Readonly<Record<string, [fault: StoreFault, message: string]>> = {
  l: ['lost', 'Redis has come back with less of the session than it had confirmed'],
  i: ['incompatible', 'something else has the key of the session: prefix is for sessions alone'],
};

/** What a process asks Redis about sessions: numbered batches, so that none is done twice, and a gap is noticed. */
export class SessionBatches {
  readonly #connection: RedisConnection;
  readonly #settings: RedisSessionStoreSettings;
  readonly #process: string;
  readonly #keys: SessionKeys;
  readonly #queue: BatchQueue<Ask>;
  readonly #promises = new SessionPromises();
  /** By owner: the batch of which he has what it adopted. */
  readonly #told = new Map<string, string>();
  readonly #owners = new Set<string>();
  #number = 0;
  #confirmed = 0;
  #closed: Promise<void> | undefined;

  constructor(connection: RedisConnection, settings: RedisSessionStoreSettings, process: string) {
    this.#connection = connection;
    this.#settings = settings;
    this.#process = process;
    this.#keys = new SessionKeys(settings.prefix, process);
    this.#queue = new BatchQueue<Ask>({
      queued: settings.queued,
      queuedBytes: settings.queuedBytes,
      goTogether: (one, other) => one.kind !== 'adopt' && other.kind !== 'adopt',
      send: (batch) => this.#send(batch),
    });
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  get waitingBytes(): number {
    return this.#queue.waitingBytes;
  }

  get isBusy(): boolean {
    return this.#queue.isBusy;
  }

  ask<Answer>(ask: SessionAsk): Promise<Answer> {
    return this.#queue.ask(ask, ask.size);
  }

  /** The next sessions that `owner` adopts. After the last the store has to be asked once more: that it has them. */
  adopt(owner: string): Promise<AdoptReply> {
    return this.#queue.ask({ kind: 'adopt', owner }, owner.length);
  }

  /** Does not wait for what is queued: an owner that is late loses its sessions. @throws {StoreError} */
  async renew(owner: string, ttlMs: number): Promise<void> {
    if (this.#closed !== undefined) throw new StoreError('closed', 'the store is closed');
    this.#owners.add(owner);
    const confirmed = this.#confirmed;
    const before = await this.#connection.run(renewScript, this.#keys.shared, [
      ...this.#head(confirmed),
      owner,
      String(Math.ceil(ttlMs)),
    ]);
    this.#noticeLoss(Number(before), confirmed);
    const { clock, expiresMs } = this.#settings;
    for (const { id, owner: its } of this.#promises.touchedBefore(clock.now() - expiresMs / 4, mostTouched))
      this.#tell(askToTouch(id, its));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#queue.close();
    const leases = [...this.#owners].map((owner) => this.#keys.lease(owner));
    // Where that fails they run out by themselves.
    if (leases.length > 0) await this.#connection.call(leases[0], 'DEL', ...leases).catch(() => undefined);
  }

  async #send(batch: readonly WaitingAsk<Ask>[]): Promise<() => void> {
    const [{ ask, resolve }] = batch as readonly [WaitingAsk<Ask>];
    const number = ++this.#number;
    if (ask.kind !== 'adopt') return this.#sendAsks(batch as readonly WaitingAsk<SessionAsk>[], number);
    const adopted = await this.#adopt(ask.owner, number);
    return () => resolve(adopted);
  }

  async #adopt(owner: string, number: number): Promise<AdoptReply> {
    const tag = `${this.#process}:${number}`;
    const told = this.#told.get(owner) ?? '';
    const confirmed = this.#confirmed;
    const reply = readAdoptReply(
      await this.#connection.run(
        adoptScript,
        [...this.#keys.shared, this.#keys.untold(owner)],
        [...this.#head(number), owner, tag, told, String(pageSessions), String(pageBytes)],
      ),
    );
    this.#confirm(number, reply.before, confirmed);
    if (reply.sessions.length === 0) this.#told.delete(owner);
    else this.#told.set(owner, tag);
    const now = this.#settings.clock.now();
    for (const { record } of reply.sessions) this.#promises.keep(record.id, owner, number, now);
    if (reply.dropped > 0) this.#droppedUntrusted(reply.dropped);
    return reply;
  }

  async #sendAsks(batch: readonly WaitingAsk<SessionAsk>[], number: number): Promise<() => void> {
    const { clock, expiresMs } = this.#settings;
    const now = clock.now();
    const dueBefore = now - expiresMs / 8;
    const keys = [...this.#keys.shared];
    const args: RedisArgument[] = [...this.#head(number), String(this.#settings.sessions)];
    const due = batch.map(({ ask }) => {
      const isDue = ask.kind !== 'w' || this.#promises.isDue(ask.id, dueBefore);
      keys.push(this.#keys.session(ask.name));
      addAsk(args, ask, this.#promises.expectedOf(ask), isDue);
      return isDue;
    });
    const confirmed = this.#confirmed;
    const reply = readBatchReply(await this.#connection.run(batchScript, keys, args));
    this.#confirm(number, reply.before, confirmed);
    const claimed = reply.sessions[Symbol.iterator]();
    return () =>
      batch.forEach((waiting, i) => {
        const code = reply.outcomes[i] ?? 'i';
        this.#settle(waiting, code, number, due[i] === true ? now : undefined, claimed);
      });
  }

  #settle(
    { ask, resolve, reject }: WaitingAsk<SessionAsk>,
    code: string,
    number: number,
    touchedAt: number | undefined,
    claimed: Iterator<StoredSession, undefined>,
  ): void {
    const { id, owner } = ask;
    const promise = this.#promises.get(id);
    const isMine = promise?.owner === owner;
    switch (code) {
      case 'k':
        this.#done(ask, number, touchedAt);
        return resolve(undefined);
      case 'c':
        this.#promises.keep(id, owner, number, touchedAt);
        return resolve(claimed.next().value);
      case 'r':
        this.#droppedUntrusted(1);
        return resolve(undefined);
      case '-':
        return resolve(undefined);
      case 'f':
        return reject(tooMany(this.#settings.sessions));
      case 'm':
        if (isMine) this.#promises.delete(id);
        return reject(isMine && promise.isLost ? faultOf('l') : movedAway());
      default:
        if (isMine) this.#promises.delete(id);
        return reject(faultOf(code));
    }
  }

  #done({ id, owner, isEnd, kind }: SessionAsk, number: number, touchedAt: number | undefined): void {
    if (isEnd) return this.#promises.delete(id);
    // Who has it has not been told that it is lost.
    if (kind === 'd') return;
    const changed = kind === 't' ? (this.#promises.get(id)?.number ?? 0) : number;
    this.#promises.keep(id, owner, changed, touchedAt);
  }

  /** What every script is told first. */
  #head(number: number): string[] {
    const { expiresMs, trustsRestarts } = this.#settings;
    return [this.#keys.base, String(number), String(expiresMs), trustsRestarts ? '1' : ''];
  }

  #confirm(number: number, before: number, confirmed: number): void {
    this.#confirmed = number;
    this.#noticeLoss(before, confirmed);
  }

  #noticeLoss(before: number, confirmed: number): void {
    if (before >= confirmed) return;
    const lost = this.#promises.lose(before);
    for (const { id, owner } of lost) this.#tell(askToDiscard(id, owner));
    this.#dropped(lost.length, 'Redis has come back with less than it had confirmed');
  }

  #droppedUntrusted(count: number): void {
    this.#dropped(
      count,
      'Redis was started again, or another has taken over, and their process did not live to compare',
    );
  }

  #dropped(count: number, why: string): void {
    this.#settings.onLoss(new StoreError('lost', `${count} sessions were dropped: ${why}`));
  }

  #tell(ask: SessionAsk): void {
    this.#queue.tell(ask, ask.size);
  }
}

function addAsk(args: RedisArgument[], ask: SessionAsk, expected: number, isDue: boolean): void {
  const { kind, name, owner, rest } = ask;
  args.push(kind, name, String(rest.length + 3), owner, String(expected), isDue ? '1' : '');
  for (const one of rest) args.push(one);
}

function tooMany(sessions: number): StoreError {
  return new StoreError('full', `the store has ${sessions} sessions: raise sessions, or end some`);
}

function faultOf(code: string): StoreError {
  const [fault, message] = faults[code] ?? faults['i']!;
  return new StoreError(fault, message);
}
