import type { Clock } from '../primitives/clock.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { Carrier } from './outbox.js';
import { clientError } from './outgoing.js';
import { InOrder, type Payload, type Pipeline } from './pipeline.js';
import type { SessionTicket, Welcome } from './session.js';
import type { ClientSocket, Connect, SocketListener, SocketRequest } from './socket.js';

/** How one connection begins. */
export interface Greeting {
  readonly request: SocketRequest;
  /** For `$auth`; undefined: who connects is known otherwise. */
  readonly token: string | undefined;
  /** For `$hello`; null: a new session. Undefined: none. */
  readonly ticket: SessionTicket | null | undefined;
  readonly requireExtension: string | undefined;
}

/** Who owns a connection. Nothing is told after `ended`. */
export interface LinkOwner {
  /** The socket is there. */
  connected(): void;
  /** The server has let us in. @param welcome undefined without a session */
  welcomed(welcome: Welcome | undefined): void;
  /** One frame, with all that is in it; nothing when it could not be read. @param isCounted whether it is one of the session's */
  received(envelopes: readonly Envelope[], isCounted: boolean): void;
  /** Any sign of life. */
  alive(): void;
  /** A frame that nobody can read, or a stage that failed. */
  failed(error: unknown): void;
  ended(code: number, reason: string, error?: unknown): void;
}

const helloId = 0;

/** One connection, from the attempt to its end. A client has one at a time; one that is over stays so. */
export class Link implements SocketListener, Carrier {
  readonly #pipeline: Pipeline;
  readonly #greeting: Greeting;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  readonly #out: InOrder;
  readonly #in: InOrder;
  #socket: ClientSocket | null = null;
  /** Frames pass the stages from this one on: one by one they have said hello themselves. */
  #first: number;
  /** Frames that have come before the server has let us in, and nobody has looked at yet. */
  #held: (readonly Envelope[])[] = [];
  /** Those that were no answer. */
  readonly #early: (readonly Envelope[])[] = [];
  #answer: ((frame: readonly Envelope[] | Error) => void) | null = null;
  #isWelcome = false;
  #isOver = false;
  #closing: { readonly code: number; readonly reason: string } | null = null;

  constructor(pipeline: Pipeline, greeting: Greeting, owner: LinkOwner, clock: Clock) {
    this.#pipeline = pipeline;
    this.#greeting = greeting;
    this.#owner = owner;
    this.#clock = clock;
    this.#first = pipeline.middleware.length;
    const failed = (error: unknown): void => this.#tell(() => owner.failed(error));
    this.#out = new InOrder(failed);
    this.#in = new InOrder(failed);
  }

  open(connect: Connect): void {
    this.#socket = connect(this.#greeting.request, this);
  }

  /** Whether `$ping` is answered: `true` where the server speaks our protocol. */
  get knowsPing(): boolean {
    return this.#socket?.protocol.startsWith('gatewire.') === true;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Sends an encoded message through the frame stages. */
  send(payload: Payload): void {
    if (this.#isOver || this.#closing !== null) return;
    const wrapped = this.#pipeline.middleware.length === 0 ? payload : null;
    if (wrapped !== null) this.#socket?.send(wrapped);
    else this.#out.do(() => this.#sendThrough(payload, this.#first));
  }

  /** Sends a message of the protocol's own. */
  say(envelope: Envelope): void {
    this.send(this.#pipeline.codec.encode(envelope));
  }

  /** Closes it: what has been sent before goes out first. The end is told when the peer has agreed, or has taken longer than `closeMs`. */
  close(code: number, reason: string, closeMs: number): void {
    if (this.#isOver || this.#closing !== null) return;
    this.#closing = { code, reason };
    const socket = this.#socket;
    if (socket === null) return this.closed(code, reason);
    this.#out.do(() => socket.close(code, reason));
    const timer = this.#clock.setTimeout(() => this.end(code, reason), closeMs);
    this.#closed = () => this.#clock.clearTimeout(timer);
  }

  #closed: (() => void) | null = null;

  /** Ends it now; the peer may hear nothing of it. */
  end(code: number, reason: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#over(code, reason, error);
    this.#socket?.terminate();
  }

  opened(): void {
    if (this.#isOver) return;
    const { requireExtension } = this.#greeting;
    const extensions = this.#socket?.extensions ?? '';
    if (requireExtension !== undefined && !extensions.includes(requireExtension)) {
      const reason = `${requireExtension} was not granted`;
      this.#socket?.close(1010, reason);
      return this.#over(1010, reason);
    }
    this.#owner.connected();
    this.#greet().then(
      (welcome) => this.#tell(() => this.#welcomed(welcome)),
      (error: unknown) => {
        if (this.#isOver) return;
        const code = error instanceof GatewireError && error.code === 'UNAUTHENTICATED' ? 4401 : 4400;
        this.#socket?.close(code, 'the greeting failed');
        this.#over(code, error instanceof Error ? error.message : 'the greeting failed', error);
      },
    );
  }

  received(data: Payload): void {
    if (this.#isOver) return;
    this.#owner.alive();
    if (this.#pipeline.middleware.length === 0) {
      let envelopes: Envelope | Envelope[];
      try {
        envelopes = this.#pipeline.unwrap(data, 0) as Envelope | Envelope[];
      } catch (error) {
        this.#deliver([]);
        return this.#owner.failed(error);
      }
      return this.#deliver(Array.isArray(envelopes) ? envelopes : [envelopes]);
    }
    this.#in.do(() => this.#receiveThrough(data));
  }

  alive(): void {
    this.#tell(() => this.#owner.alive());
  }

  closed(code: number, reason: string): void {
    // Our own close is told as we have meant it, whatever came back.
    const told = this.#closing ?? { code, reason };
    this.#over(told.code, told.reason);
  }

  async #greet(): Promise<Welcome | undefined> {
    for (let at = this.#pipeline.middleware.length - 1; at >= 0; at--) {
      const stage = this.#pipeline.middleware[at];
      const pending = stage?.opened?.({
        send: (envelope) => this.say(envelope),
        receive: async () => (await this.#next())[0] ?? {},
      });
      if (isPromise(pending)) await pending;
      this.#first = at;
    }
    const { token, ticket } = this.#greeting;
    if (token !== undefined) await this.#ask({ event: '$auth', id: helloId, data: { token } });
    if (ticket === undefined || this.#socket?.protocol.startsWith('gatewire.v1.') !== true) return undefined;
    try {
      return (await this.#ask({ event: '$hello', id: helloId, data: ticket ?? {} })) as Welcome;
    } catch (error) {
      // A server without sessions.
      if (error instanceof GatewireError && error.code === 'UNKNOWN_EVENT') return undefined;
      throw error;
    }
  }

  #welcomed(welcome: Welcome | undefined): void {
    this.#isWelcome = true;
    for (const frame of this.#early) this.#owner.received(frame, false);
    this.#owner.welcomed(welcome);
    for (const frame of this.#held) this.#tell(() => this.#owner.received(frame, true));
    this.#held = [];
  }

  async #ask(envelope: Envelope): Promise<unknown> {
    this.say(envelope);
    for (;;) {
      const frame = await this.#next();
      const answer = frame.find(({ id }) => id === helloId);
      if (answer === undefined) this.#early.push(frame);
      else if (answer.error === undefined) return answer.data;
      else {
        const { code, message, details } = answer.error;
        throw new GatewireError(code, message, { details });
      }
    }
  }

  #next(): Promise<readonly Envelope[]> {
    const held = this.#held.shift();
    if (held !== undefined) return Promise.resolve(held);
    return new Promise((resolve, reject) => {
      this.#answer = (frame) => {
        this.#answer = null;
        if (frame instanceof Error) reject(frame);
        else resolve(frame);
      };
    });
  }

  async #sendThrough(payload: Payload, first: number): Promise<void> {
    const wrapped = await this.#pipeline.wrap(payload, first);
    if (wrapped !== null && !this.#isOver) this.#socket?.send(wrapped);
  }

  async #receiveThrough(data: Payload): Promise<void> {
    let envelopes: Envelope[] = [];
    try {
      const unwrapped = await this.#pipeline.unwrap(data, this.#first);
      for (const envelope of unwrapped === null ? [] : Array.isArray(unwrapped) ? unwrapped : [unwrapped]) {
        const received = await this.#pipeline.receive(envelope);
        if (received !== null) envelopes.push(received);
      }
    } catch (error) {
      envelopes = [];
      this.#tell(() => this.#owner.failed(error));
    }
    this.#tell(() => this.#deliver(envelopes));
  }

  /** A frame that nobody could read is delivered empty: it counts. */
  #deliver(envelopes: readonly Envelope[]): void {
    if (this.#isWelcome) return this.#owner.received(envelopes, true);
    if (this.#answer === null) {
      this.#held.push(envelopes);
      return;
    }
    this.#answer(envelopes);
  }

  #tell(tell: () => void): void {
    if (!this.#isOver) tell();
  }

  #over(code: number, reason: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#closed?.();
    this.#answer?.(clientError('DISCONNECTED', 'the connection ended before it was open'));
    this.#owner.ended(code, reason, error);
  }
}
