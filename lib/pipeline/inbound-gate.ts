import { type PausableSocket, ReadBound, type ReadBoundSettings } from '../connection/read-bound.js';
import type { MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { InboundMessage, MessageOwner } from './inbound-message.js';
import { Lanes, type Lane } from './lanes.js';
import type { StageHost } from './middleware.js';
import type { SequenceRule } from './sequence-rule.js';
import { Sequences } from './sequences.js';

/** Runs messages. */
export interface MessageRunner {
  /** The lane a message belongs to, if its handler limits or orders. */
  laneOf(message: InboundMessage): Lane | null;
  /** How the handler of a message puts numbered ones into order, if it does. */
  sequenceOf(message: InboundMessage): SequenceRule | undefined;
  /** Carries a message through its pipeline. Undefined when that is over already; the promise MUST NOT reject. */
  run(message: InboundMessage): PromiseLike<void> | undefined;
  /** Tells the peer that a message will have no other outcome than this error. */
  refuse(message: InboundMessage, error: unknown): void;
}

/** What the gates of an endpoint have in common. */
export interface InboundGateSettings extends ReadBoundSettings {
  /** Handlers of one connection that may run at once. */
  readonly concurrency: number;
  readonly runner: MessageRunner;
  readonly stageHost: StageHost;
}

const shuttingDown = new GatewireError(ErrorCode.Unavailable, 'the server is shutting down');

/** Slots of messages already gone before the queue's array is cut. */
const longestDeadFront = 256;

/**
 * Lets the messages of one connection into their handlers: in the order they came, a limited number at once,
 * none before `handleConnection` is done. What must wait is bounded.
 */
export class InboundGate implements MessageOwner {
  readonly #socket: PausableSocket;
  readonly #settings: InboundGateSettings;
  /** Whether something of this connection waits for an answer of its peer. */
  readonly #awaitsPeer: () => boolean;
  #isOpen = false;
  #running = 0;
  /** On its way to its handler; the next one follows when it has entered. */
  #entering: InboundMessage | null = null;
  /** Inside `#start`: what enters now is followed up when `#start` returns. */
  #isStarting = false;
  #queue: InboundMessage[] | null = null;
  #head = 0;
  #bound: ReadBound | null = null;
  #lanes: Lanes | null = null;
  #sequences: Sequences | null = null;
  /** Told when nothing waits and nothing runs. */
  #onIdle: (() => void)[] | null = null;
  /** Inside their handlers, with somebody watching their signal. */
  #watched: Set<InboundMessage> | null = null;

  constructor(socket: PausableSocket, settings: InboundGateSettings, awaitsPeer: () => boolean) {
    this.#socket = socket;
    this.#settings = settings;
    this.#awaitsPeer = awaitsPeer;
  }

  /** Messages that wait, including those for their lane. */
  get queuedMessages(): number {
    return this.#bound?.messages ?? 0;
  }

  /** Bytes of the frames of the messages that wait. */
  get queuedBytes(): number {
    return this.#bound?.bytes ?? 0;
  }

  get running(): number {
    return this.#running;
  }

  /** Whether it has nothing to do, and nothing to remember: then another one is as good. */
  get isIdle(): boolean {
    return this.#running === 0 && this.queuedMessages === 0 && this.#sequences === null;
  }

  /** `handleConnection` is done. */
  open(): void {
    this.#isOpen = true;
    this.#next();
  }

  /** Takes a message. False: it must be refused with `OVERLOADED`. */
  submit(message: InboundMessage): boolean {
    if (this.#bound?.refuses) return false;
    const sequence = message.meta === undefined ? undefined : this.#settings.runner.sequenceOf(message);
    if (sequence === undefined) this.#admit(message);
    else (this.#sequences ??= this.#createSequences()).take(message, sequence);
    return true;
  }

  #admit(message: InboundMessage): void {
    if (this.#isFree && this.#queue === null) {
      this.#start(message);
      this.#next();
    } else {
      (this.#queue ??= []).push(message);
      this.#hold(message);
    }
  }

  #createSequences(): Sequences {
    const { runner, stageHost } = this.#settings;
    return new Sequences({
      host: stageHost,
      admit: (message) => this.#admit(message),
      refuse: (message, error) => runner.refuse(message, error),
    });
  }

  /** No further message comes. Resolves when none waits for its handler or is inside it. Undefined: that is so now. */
  quiesce(): Promise<void> | undefined {
    // What they wait for cannot come any more: their sender can send all of them to another server, in order.
    for (const message of this.#sequences?.clear() ?? []) this.#settings.runner.refuse(message, shuttingDown);
    if (this.#running === 0 && this.#queue === null) return undefined;
    return new Promise((resolve) => void (this.#onIdle ??= []).push(resolve));
  }

  /** Something of this connection has begun to wait for its peer. */
  peerAwaited(): void {
    this.#bound?.peerAwaited();
  }

  /** The client is away. */
  left(): void {
    this.#sequences?.suspend();
  }

  /** The connection has another socket. */
  resumed(): void {
    this.#bound?.resumed();
    this.#sequences?.resume();
  }

  /** The connection is over: nothing that waits will run. */
  close(): void {
    this.#isOpen = false;
    this.#queue = null;
    this.#head = 0;
    this.#bound?.stop();
    this.#sequences?.clear();
    for (const message of this.#watched ?? []) message.abort();
    this.#watched = null;
    this.#tellIdle();
  }

  /** The requester no longer wants an outcome: aborts the signal of the message with this id, if somebody watches it. */
  cancel(id: MessageId): void {
    for (const message of this.#watched ?? []) if (message.id === id) message.abort();
  }

  watched(message: InboundMessage): void {
    (this.#watched ??= new Set()).add(message);
  }

  expired(message: InboundMessage, error: unknown): void {
    this.#settings.runner.refuse(message, error);
  }

  now(): number {
    return this.#settings.clock.now();
  }

  entered(message: InboundMessage): void {
    if (this.#entering !== message) return;
    this.#entering = null;
    // Called just before the method. Those behind start when it has been called, and when what follows it without
    // waiting for anything has been done: two handlers that wait for nothing answer in the order they were asked.
    if (!this.#isStarting && this.#queue !== null) process.nextTick(() => this.#next());
  }

  get #isFree(): boolean {
    return (
      this.#isOpen &&
      !this.#isStarting &&
      this.#entering === null &&
      this.#running < this.#settings.concurrency
    );
  }

  /** Something that is not a message yet waits: it counts against the same bound. False: there is no room. */
  hold(bytes: number): boolean {
    if (this.#bound?.refuses) return false;
    this.#add(bytes);
    return true;
  }

  /** What was held no longer waits. */
  release(bytes: number): void {
    this.#bound?.remove(bytes);
  }

  #hold(message: InboundMessage): void {
    this.#add(message.bytes);
  }

  #add(bytes: number): void {
    this.#bound ??= new ReadBound(this.#socket, this.#settings);
    this.#bound.add(bytes, this.#awaitsPeer());
  }

  #next(): void {
    while (this.#isFree && this.#queue !== null) {
      const message = this.#queue[this.#head++] as InboundMessage;
      if (this.#head === this.#queue.length) {
        this.#queue = null;
        this.#head = 0;
      } else if (this.#head >= longestDeadFront) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      this.#bound?.remove(message.bytes);
      this.#start(message);
    }
  }

  #start(message: InboundMessage): void {
    const lane = this.#settings.runner.laneOf(message);
    if (lane === null || (this.#lanes ??= new Lanes()).enter(lane, message)) this.#run(message, lane);
    else this.#hold(message);
  }

  #run(message: InboundMessage, lane: Lane | null): void {
    this.#running++;
    this.#entering = message;
    this.#isStarting = true;
    const pending = this.#settings.runner.run(message);
    this.#isStarting = false;
    if (pending === undefined) this.#settled(message, lane);
    else
      void pending.then(() => {
        this.#settled(message, lane);
        this.#next();
        this.#tellIdle();
      });
  }

  #tellIdle(): void {
    if (this.#onIdle === null || this.#running > 0 || this.#queue !== null) return;
    for (const tell of this.#onIdle) tell();
    this.#onIdle = null;
  }

  #settled(message: InboundMessage, lane: Lane | null): void {
    this.#running--;
    this.#watched?.delete(message);
    this.#sequences?.settled(message);
    if (this.#entering === message) this.#entering = null;
    if (lane === null) return;
    const follower = (this.#lanes as Lanes).leave(lane);
    if (follower === undefined || !this.#isOpen) return;
    this.#bound?.remove(follower.bytes);
    this.#run(follower, lane);
  }
}
