import type { Clock } from '../primitives/clock.js';
import type { Codec } from '../protocol/codec.js';
import type { EmitOptions, Emitted } from './client-api.js';
import type { Payload } from './wire.js';

/**
 * What is sent when, and together with what. Each part is an import of its own; without any of them a message is sent at
 * once, in order, in a frame of its own. The core keeps the messages: a flow only says whose turn it is.
 *
 * @example createClient({ url, flow: { order: priorities(), batch: batching({ flushMs: 10 }) } })
 */
export interface Flow {
  /** Which of the waiting messages goes first. Called once for a client. @default first come, first served */
  readonly order?: () => Line<Ranked>;
  /** How long messages wait for others, to go in one frame with them. Called once for a client. @default not at all */
  readonly batch?: (host: BatchHost) => Batch;
  /** Stands before the outbox, around `emit`: may hold emits back and put one in the place of several. Called once for a client. */
  readonly combine?: (emit: Emit, clock: Clock) => Combiner;
}

/** What a line knows of a message. */
export interface Ranked {
  /** 0 goes before 1, and 1 before 2. */
  readonly rank: number;
}

/**
 * Messages that wait for their turn. The core pushes each once, takes the first away when it has been sent (or has been
 * settled meanwhile), and after a reconnect clears the line and pushes all again, in the order in which they came.
 *
 * MUST keep the order within a rank, lose none, and let none wait for ever.
 */
export interface Line<Message> {
  readonly size: number;
  push(message: Message): void;
  /** Whose turn it is; the same until the next `push` or `shift`. */
  peek(): Message | undefined;
  /** Takes away what `peek` has told. */
  shift(): void;
  clear(): void;
}

/** Where frames go. */
export interface FrameTaker {
  send(payload: Payload): void;
}

/** The client, as its batches need it. */
export interface BatchHost {
  readonly clock: Clock;
  /** Undefined: JSON as text; what holds bytes is in the binary layout, and is no part of a batch. */
  readonly codec: Codec | undefined;
  /** The time of holding is over. */
  wake(): void;
}

/**
 * Says when waiting messages leave, and puts those that leave together into frames. What it holds is still in the line:
 * until it leaves it can be taken back, replaced by a later one and overtaken by a higher priority.
 *
 * The core calls `arrived` for each message that is ready to be sent, sends nothing while `isHolding`, and then gives all
 * that may leave to `put`, one after the other, and calls `end`; both in one tick.
 */
export interface Batch {
  /** True: nothing leaves yet. `host.wake()` follows when it has become false by itself. */
  readonly isHolding: boolean;
  arrived(bytes: number, rank: number): void;
  put(payload: Payload, taker: FrameTaker): void;
  /** Nothing more at the moment. @param taker null: the connection is gone, and what was put will come again */
  end(taker: FrameTaker | null): void;
  /** What the server takes, told with each connection. */
  limits(limits: { readonly batchItems?: number; readonly maxPayloadBytes?: number }): void;
  /** Holds nothing any more, for the moment: the client closes. */
  release(): void;
}

/** Sends an event. */
export type Emit = (event: string, data: unknown, options: EmitOptions | undefined) => Emitted;

/** An `emit` that may put several into one. Never called for volatile ones. */
export interface Combiner {
  readonly emit: Emit;
  /** Gives everything that is held back to the client: it closes, or the page goes away. */
  flush(): void;
}
