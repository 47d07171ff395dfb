import type { Clock } from '../../lib/primitives/clock.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import type { History, SessionRecord } from './history.js';
import { logMessages, resumeMs } from './server-life.js';

/** What one page has received, held against what the server has sent: judged as it comes. */
export class Inbox {
  /** The session it is in; undefined: none yet. */
  session: SessionRecord | undefined = undefined;
  opens = 0;
  resumes = 0;
  recoveries = 0;
  readonly #page: number;
  readonly #history: History;
  readonly #clock: Clock;
  /** Place of the last message; null: an earlier page knows. */
  #place: number | null = -1;
  #expectsGap = false;
  #openedAt = 0;
  #isClosed = false;
  /** Messages of the session without an answer when this connection began: their answers may come now, and once more for a repeat. */
  #unanswered = 0;
  /** Messages that its handlers had been given then. */
  #entered = 0;
  readonly #volatile = new Set<number>();
  readonly #posted = new Map<number, number>();

  constructor(page: number, history: History, clock: Clock) {
    this.#page = page;
    this.#history = history;
    this.#clock = clock;
  }

  get place(): number | null {
    return this.#place;
  }

  opened(id: string | undefined, { resumed, recovered }: { resumed: boolean; recovered: boolean }): void {
    const history = this.#history;
    this.checkGap();
    const session = history.sessionById(id);
    const before = this.session;
    history.note(
      () =>
        `page ${this.#page} is open in session ${session === undefined ? 'none' : history.sessions.indexOf(session) + 1}: resumed ${resumed}, recovered ${recovered}`,
    );
    if (session === undefined)
      return history.violated(`page ${this.#page} is open without a session of the server`);
    this.opens++;
    if (resumed) this.resumes++;
    if (recovered) this.recoveries++;
    this.#judgeOpening(session, resumed, recovered);
    if (!recovered && before !== undefined && !this.#isClosed) this.#judgeGap(before, session);
    // Whoever had a session is told that messages may be missing.
    this.#expectsGap = !recovered && before !== undefined && !this.#isClosed;
    if (!resumed) this.#place = -1;
    else if (before === undefined) this.#place = null;
    session.isGapTold = resumed && (session.isGapTold || !recovered);
    this.#isClosed = false;
    this.session = session;
    this.#openedAt = this.#clock.now();
    this.#unanswered = session.entered.filter(({ fate }) => fate !== 'ok').length;
    this.#entered = session.entered.length;
  }

  gap(): void {
    this.#history.note(() => `page ${this.#page} is told of a gap`);
    this.#expectsGap = false;
  }

  /** The application has closed the client: its session ends. */
  closed(): void {
    this.#isClosed = true;
  }

  tick(m: number): void {
    const history = this.#history;
    this.checkGap();
    const place = this.session?.placeOf.get(m);
    history.note(() => `page ${this.#page} receives tick ${m} (${place ?? '?'})`);
    if (this.session === undefined || place === undefined)
      return history.violated(`page ${this.#page} received ${m}, which was not sent to it`);
    const expected = this.#place === null ? this.session.furthest + 1 : this.#place + 1;
    if (this.#place !== null && place < expected && !this.session.isGapTold)
      history.violated(`page ${this.#page} received ${m} twice, or out of order`);
    if (place > expected && !this.session.isGapTold)
      history.violated(
        `page ${this.#page} missed ${place - expected} messages before ${m}, and was not told`,
      );
    this.session.isGapTold = false;
    this.#place = place;
    this.session.furthest = Math.max(this.session.furthest, place);
  }

  volatileTick(m: number): void {
    if (this.session?.volatileTicks.includes(m) !== true)
      this.#history.violated(`page ${this.#page} received volatile ${m}, which was not sent to it`);
    if (this.#volatile.has(m)) this.#history.violated(`page ${this.#page} received volatile ${m} twice`);
    this.#volatile.add(m);
  }

  posted(n: number): void {
    const count = (this.#posted.get(n) ?? 0) + 1;
    this.#posted.set(n, count);
    const message = this.#history.sent.get(n);
    if (message === undefined || count > message.entered.length)
      this.#history.violated(`page ${this.#page} received what ${n} has published ${count} times`);
  }

  error(error: unknown): void {
    this.#history.note(() => `page ${this.#page} has an error: ${String(error)}`);
    if (!isGatewireError(error)) this.#history.violated(`page ${this.#page}: ${String(error)}`);
  }

  /** The `gap` event comes at once with the opening that it belongs to. */
  checkGap(): void {
    if (this.#expectsGap) this.#history.violated(`page ${this.#page} was not told of a gap`);
    this.#expectsGap = false;
  }

  /** A session is resumed, or it is new. */
  #judgeOpening(session: SessionRecord, resumed: boolean, recovered: boolean): void {
    const history = this.#history;
    if (recovered && !resumed) history.violated('a new session cannot be recovered');
    if (resumed && this.session !== undefined && session !== this.session)
      history.violated(`page ${this.#page} resumed another session`);
    if (!resumed && session.furthest >= 0) history.violated('a session is not new, and was not resumed');
  }

  /** Whether the server had a reason not to resume, or not to recover: what can be kept has to be. */
  #judgeGap(before: SessionRecord, now: SessionRecord): void {
    const isOld = this.#clock.now() - this.#openedAt >= resumeMs;
    const sends = before.sends - (before.sendsAt[this.#place ?? -1] ?? 0);
    // An answer is counted when its handler is entered, and may go out after what comes later.
    const late = 2 * this.#unanswered + before.entered.length - this.#entered;
    const isFull = sends + late >= logMessages;
    if (before.life !== now.life || before.isServerEnding || isOld || isFull) return;
    this.#history.violated(`page ${this.#page} was not recovered, after only ${sends} messages`);
  }
}
