import { createHash } from 'node:crypto';
import { HandledWindow, type HandledWindowLimits } from '../exchange/handled-window.js';
import { randomId } from '../primitives/random-id.js';
import type { MessageId } from '../protocol/envelope.js';
import type { SessionRecord } from '../store/session-store.js';
import type { DisconnectReason } from './disconnect-reason.js';
import type { SessionJournal } from './session-journal.js';
import { SessionLog, type SessionLogLimits } from './session-log.js';

/** What the sessions of one server have in common. */
export interface SessionSettings extends SessionLogLimits {
  /** Of messages that come again. */
  readonly handled: HandledWindowLimits;
  /** The server goes down: who leaves now is not waited for. */
  isOver: boolean;
}

/**
 * What outlives a connection's socket: until its client is back, or the time for that is over, the connection is `away`,
 * and what is sent to it waits (PROTOCOL.md, "Sessions").
 */
export class Session {
  /** Unguessable and unique. It opens nothing by itself: that takes the token, which only the client has. */
  readonly id: string;
  /** @internal */
  readonly log: SessionLog;
  readonly #token: string | null;
  readonly #tokenHash: string | null;
  readonly #settings: SessionSettings;
  #journal: SessionJournal | null = null;
  #resumes = 0;
  #isEnding = false;
  #isOpened: boolean;
  /** Made for the first message with an id: who only listens has none. */
  #handled: HandledWindow<MessageId, unknown> | null = null;
  #left: DisconnectReason | null = null;
  /** Who waits for the client; most sessions have nobody who does. */
  #waiting: (() => void)[] | null = null;

  /**
   * @internal
   * @param isOpened whether `handleConnection` is done
   * @param restored of an earlier process, which has given its client the token
   */
  constructor(
    settings: SessionSettings,
    isOpened: boolean,
    restored?: Pick<SessionRecord, 'id' | 'tokenHash'>,
  ) {
    this.id = restored?.id ?? randomId();
    this.#token = restored === undefined ? randomId() + randomId() : null;
    this.#tokenHash = restored?.tokenHash ?? null;
    this.#settings = settings;
    this.#isOpened = isOpened;
    this.log = new SessionLog(settings);
  }

  /** @internal What became of the messages that came in it; who answers knows what is kept of that. */
  get handled(): HandledWindow<MessageId, unknown> {
    return (this.#handled ??= new HandledWindow(this.#settings.handled));
  }

  /** @internal */
  forgetHandled(): void {
    this.#handled?.clear();
  }

  /** Whether its client has no connection at the moment. */
  get isAway(): boolean {
    return this.#left !== null;
  }

  /** How often its client has come back. */
  get resumes(): number {
    return this.#resumes;
  }

  /** Number of the last message sent in it. */
  get sent(): number {
    return this.log.last;
  }

  /** Whether it has begun in an earlier process: `handleConnection` is called anew, and finds its rooms. */
  get isRestored(): boolean {
    return this.#token === null;
  }

  /** @internal The secret that resumes it; null where an earlier process has given it, and kept only its hash. */
  get token(): string | null {
    return this.#token;
  }

  /** @internal What is kept of the token. */
  get tokenHash(): string {
    return this.#tokenHash ?? hashToken(this.#token ?? '');
  }

  /** @internal Where it is written down; null: nowhere, and it ends with the process. */
  get journal(): SessionJournal | null {
    return this.#journal;
  }

  /** @internal */
  writeDown(journal: SessionJournal): void {
    this.#journal = this.log.journal = journal;
  }

  /** @internal Whether the client would be waited for. */
  get canWait(): boolean {
    return !this.#isEnding && !this.#settings.isOver;
  }

  /** @internal Whether `handleConnection` is done. */
  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** @internal Why its client is away. */
  get left(): DisconnectReason | null {
    return this.#left;
  }

  /** @internal `handleConnection` is done. */
  opened(): void {
    this.#isOpened = true;
  }

  /** @internal Nobody is waited for any more. */
  end(): void {
    this.#isEnding = true;
    this.#tell();
  }

  /** @internal */
  leave(reason: DisconnectReason): void {
    this.#left = reason;
  }

  /** @internal */
  resume(): void {
    this.#left = null;
    this.#resumes++;
    this.#tell();
  }

  /** @internal Resolves when its client is back, or the session is over. */
  whenBack(): Promise<void> {
    return new Promise((resolve) => void (this.#waiting ??= []).push(resolve));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const tell of waiting ?? []) tell();
  }
}

/** What a store knows of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
