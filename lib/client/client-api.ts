import type { RetryStrategy } from '../exchange/retry-strategy.js';
import type { Contract, Item, Received, ReceivedData, Reply, Sent, SentData } from './contract.js';
import type { GatewireError } from '../protocol/gatewire-error.js';
import type { ClientState } from './client-states.js';

/** How one message is sent. */
export interface SendOptions {
  /** Travels beside the data. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Takes the message back: what has not been sent is not sent any more. */
  readonly signal?: AbortSignal;
  /** What leaves first when several wait: messages of one priority keep their order. @default 'normal' */
  readonly priority?: 'high' | 'normal' | 'low';
}

/** How an emit is sent. */
export interface EmitOptions extends SendOptions {
  /** Sent once, now, or not at all; without an outcome. For what the next message makes obsolete. @default false */
  readonly volatile?: boolean;
  /** While it waits for a connection a later emit with the same key takes its place. */
  readonly latest?: string;
}

/** How an answer is waited for. */
export interface RequestOptions extends SendOptions {
  /** Wait in milliseconds before it rejects with `ACK_TIMEOUT`; it counts from the call, also while there is no connection. `false`: for ever. @default the client's `timeouts.requestMs` */
  readonly timeoutMs?: number | false;
  /** Asks again, with the same id, after an error that a later attempt may not meet (PROTOCOL.md, "Errors": retry). @default no */
  readonly retry?: RetryStrategy;
}

/** One emit on its way. */
export interface Emitted {
  /** Its id on the wire; undefined for a volatile one. */
  readonly id: string | number | undefined;
  /**
   * Resolves when the server has handled it. Rejects with what the server said, or with `OUTBOX_FULL`, `EXPIRED`, `CANCELLED`, `FILTERED`, `DISCONNECTED`.
   * For a volatile one it resolves once the message has been handed to the socket, and rejects when there was none.
   */
  readonly delivered: Promise<void>;
}

/** Where a client stands, for an interface that shows it. */
export interface ClientStatus {
  readonly state: ClientState;
  /** Failed attempts since the last connection. */
  readonly attempt: number;
  /** Milliseconds until the next attempt; undefined when none is planned. */
  readonly retryInMs: number | undefined;
  /** Why the last connection ended, or the last attempt failed. */
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
}

/** What a client tells about itself. */
export interface ClientEvents {
  /** Each change of state. */
  state(status: ClientStatus): void;
  /** It may send. `recovered`: nothing the server sent while it was away is missing. `resumed`: the session is the one of before. */
  open(opened: { readonly resumed: boolean; readonly recovered: boolean }): void;
  /**
   * Messages of the server are lost: the session is new, or the server had not kept enough. The application reads its
   * state again. With `room`: messages of that room, whose history did not reach back so far.
   */
  gap(gap: { readonly room?: string }): void;
  /** What nobody waits for: an emit that was refused, a listener that threw, a storage that failed. */
  error(error: Error): void;
  /** An emit that will not be delivered, and why. */
  undelivered(message: {
    readonly event: string;
    readonly data: unknown;
    readonly error: GatewireError;
  }): void;
}

/** Ends what it was returned for. */
export type Unsubscribe = () => void;

/** How a queue of received events is bounded. */
export interface EventsOptions {
  /** @default 1_024 */
  readonly buffer?: number;
  /** `fail`: the loop throws `OVERLOADED`. `drop-oldest`: it misses some. @default 'fail' */
  readonly whenFull?: 'fail' | 'drop-oldest';
  readonly signal?: AbortSignal;
}

/** A message that was published to a room. */
export interface RoomMessage {
  readonly event: string;
  readonly data: unknown;
  /** The room it was published to: not the pattern that was subscribed to. */
  readonly room: string;
}

/** A room that the client is in, also after every reconnect, until `unsubscribe`. */
export interface Subscription {
  readonly room: string;
  /** Resolves when the server has let the client in; rejects with its refusal. */
  readonly ready: Promise<void>;
  unsubscribe(): void;
}

/** One realtime connection that comes back, and does not lose what it was given. */
export interface Client<C extends Contract> {
  readonly state: ClientState;
  readonly status: ClientStatus;
  /** The server's session id; undefined without a session. */
  readonly session: string | undefined;
  /** Messages that are not settled: they wait for a connection, or for their outcome. */
  readonly pending: number;

  /** Sends an event; it waits for a connection, and is sent again after one that broke, until it is settled. */
  emit<Name extends Sent<C>>(event: Name, ...args: [...SentData<C, Name>, options?: EmitOptions]): Emitted;
  /** Sends an event and waits for the answer. */
  request<Name extends Sent<C>>(
    event: Name,
    ...args: [...SentData<C, Name>, options?: RequestOptions]
  ): Promise<Reply<C, Name>>;
  /** Sends an event and reads a streamed answer. Leaving the loop cancels it at the server. */
  stream<Name extends Sent<C>>(
    event: Name,
    ...args: [...SentData<C, Name>, options?: SendOptions & EventsOptions]
  ): AsyncIterable<Item<C, Name>>;

  /** Hears an event. When the server asks, the first answer that is not `undefined` is sent back; a promise is waited for. */
  on<Name extends Received<C>>(event: Name, listener: (data: ReceivedData<C, Name>) => unknown): Unsubscribe;
  once<Name extends Received<C>>(
    event: Name,
    listener: (data: ReceivedData<C, Name>) => unknown,
  ): Unsubscribe;
  off<Name extends Received<C>>(event: Name, listener: (data: ReceivedData<C, Name>) => unknown): void;
  /** An event's data, one after the other, from now on. */
  events<Name extends Received<C>>(
    event: Name,
    options?: EventsOptions,
  ): AsyncIterableIterator<ReceivedData<C, Name>>;

  /** Enters a room (or all that match a pattern), and stays in it across reconnects. */
  subscribe(room: string, listener?: (message: RoomMessage) => void): Subscription;
  /** Publishes to a room. */
  publish(room: string, event: string, data?: unknown, options?: EmitOptions): Emitted;

  /** Messages of a room that were received and are kept, from the oldest to the newest, also without a connection; none without the option `history`. Rejects when the storage fails. */
  history(room: string): Promise<readonly RoomMessage[]>;

  /** What the client tells about itself. */
  when<Name extends keyof ClientEvents>(event: Name, listener: ClientEvents[Name]): Unsubscribe;
  /** Begins, after `autoConnect: false`, `close()` or an end. Resolves when the client may send; rejects when it gives up. */
  connect(): Promise<void>;
  /** Ends it: what is not settled is rejected with `DISCONNECTED`, what was stored stays for the next time. Resolves when the socket is closed. */
  close(code?: number, reason?: string): Promise<void>;
}
