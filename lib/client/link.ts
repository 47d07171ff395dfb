import type { Clock } from '../primitives/clock.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { ClientLink } from './middleware.js';
import type { Carrier } from './outbox.js';
import { clientError, serverError } from './outgoing.js';
import type { SessionTicket, Welcome } from './session.js';
import type { ClientSocket, Connect, SocketListener, SocketRequest } from './socket.js';
import { InOrder, type Payload, whenThere, type Wire } from './wire.js';

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

type Frame = readonly Envelope[];

const helloId = 0;

/** One connection, from the attempt to its end. A client has one at a time; one that is over stays so. */
export class Link implements SocketListener, Carrier {
  readonly #wire: Wire;
  readonly #greeting: Greeting;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  readonly #out: InOrder;
  readonly #in: InOrder;
  #socket: ClientSocket | null = null;
  /** Frames pass the stages from this one on: one by one they have said hello themselves. */
  #first: number;
  /** Frames that have come before the server has let us in, and nobody has looked at yet. */
  #held: Frame[] = [];
  /** Those that were no answer. */
  readonly #early: Frame[] = [];
  #answer: ((frame: Frame | Error) => void) | null = null;
  #isWelcome = false;
  #isOver = false;
  #closing: { readonly code: number; readonly reason: string } | null = null;
  #closed: (() => void) | null = null;

  constructor(wire: Wire, greeting: Greeting, owner: LinkOwner, clock: Clock) {
    this.#wire = wire;
    this.#greeting = greeting;
    this.#owner = owner;
    this.#clock = clock;
    this.#first = wire.stages;
    const failed = (error: unknown): void => {
      if (!this.#isOver) owner.failed(error);
    };
    this.#out = new InOrder(failed);
    this.#in = new InOrder((error) => {
      failed(error);
      // What nobody could read counts all the same.
      this.#deliver([]);
    });
  }

  open(connect: Connect): void {
    this.#socket = connect(this.#greeting.request, this);
  }

  /** Whether `$ping` is answered: where the server speaks our protocol. */
  get knowsPing(): boolean {
    return this.#socket?.protocol.startsWith('gatewire.') === true;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Sends an encoded message through the frame stages. */
  send(payload: Payload): void {
    if (this.#isOver || this.#closing !== null) return;
    this.#out.do(() => this.#write(payload, this.#first));
  }

  /** Sends a message of the protocol's own. */
  say(envelope: Envelope): void {
    this.#out.do(() =>
      whenThere(this.#wire.encode(envelope), (payload) => {
        if (payload !== null) this.send(payload);
      }),
    );
  }

  /** Closes it: what has been sent before goes out first. The end is told when the peer has agreed, or has taken longer than `closeMs`. */
  close(code: number, reason: string, closeMs: number): void {
    if (this.#isOver || this.#closing !== null) return;
    this.#closing = { code, reason };
    this.#out.do(() => this.#socket?.close(code, reason));
    const timer = this.#clock.setTimeout(() => this.end(code, reason), closeMs);
    this.#closed = () => this.#clock.clearTimeout(timer);
  }

  /** Ends it now; the peer may hear nothing of it. */
  end(code: number, reason: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#over(code, reason, error);
    this.#socket?.terminate();
  }

  opened(): void {
    if (this.#isOver) return;
    const { requireExtension } = this.#greeting;
    if (requireExtension !== undefined && this.#socket?.extensions.includes(requireExtension) !== true)
      return this.#refuse(1010, `${requireExtension} was not granted`);
    this.#owner.connected();
    this.#greet().then(
      (welcome) => this.#welcomed(welcome),
      (error: unknown) => {
        const isUnknown = error instanceof GatewireError && error.code === 'UNAUTHENTICATED';
        this.#refuse(isUnknown ? 4401 : 4400, 'the greeting failed', error);
      },
    );
  }

  received(data: Payload): void {
    if (this.#isOver) return;
    this.#owner.alive();
    this.#in.do(() => whenThere(this.#wire.unwrap(data, this.#first), (frame) => this.#deliver(frame)));
  }

  alive(): void {
    if (!this.#isOver) this.#owner.alive();
  }

  closed(code: number, reason: string): void {
    // Our own close is told as we have meant it, whatever came back.
    const told = this.#closing ?? { code, reason };
    // What has come before is told before: stages may still be at work on it.
    this.#in.do(() => this.#over(told.code, told.reason));
  }

  async #greet(): Promise<Welcome | undefined> {
    while (this.#first > 0) {
      const pending = this.#wire.opened?.(this.#first - 1, this.#linkOf(this.#first));
      if (isPromise(pending)) await pending;
      this.#first--;
    }
    const { token, ticket } = this.#greeting;
    if (token !== undefined) await this.#ask('$auth', { token });
    if (ticket === undefined || this.#socket?.protocol.startsWith('gatewire.v1.') !== true) return undefined;
    try {
      return (await this.#ask('$hello', ticket ?? {})) as Welcome;
    } catch (error) {
      // A server without sessions.
      if (error instanceof GatewireError && error.code === 'UNKNOWN_EVENT') return undefined;
      throw error;
    }
  }

  /** Through the frame stages from `first` on, to the socket. */
  #write(payload: Payload, first: number): unknown {
    return whenThere(this.#wire.wrap(payload, first), (data) => {
      if (data !== null && !this.#isOver) this.#socket?.send(data);
    });
  }

  /** This connection as a stage has it. @param first the stage after it */
  #linkOf(first: number): ClientLink {
    return {
      send: (envelope) => this.say(envelope),
      sendFrame: (make) => this.#out.do(() => whenThere(make(), (frame) => this.#write(frame, first))),
      receive: async () => (await this.#next())[0] ?? {},
    };
  }

  #welcomed(welcome: Welcome | undefined): void {
    if (this.#closing !== null) return;
    if (this.#isOver) return;
    this.#isWelcome = true;
    for (const frame of this.#early) this.#owner.received(frame, false);
    this.#owner.welcomed(welcome);
    for (const frame of this.#held.splice(0)) this.#deliver(frame);
  }

  async #ask(event: string, data: object): Promise<unknown> {
    this.say({ event, id: helloId, data });
    for (;;) {
      const frame = await this.#next();
      const answer = frame.find(({ id }) => id === helloId);
      if (answer === undefined) this.#early.push(frame);
      else if (answer.error == null) return answer.data;
      else throw serverError(answer.error);
    }
  }

  #next(): Promise<Frame> {
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

  #deliver(frame: Frame): void {
    if (this.#isOver) return;
    if (this.#isWelcome) this.#owner.received(frame, true);
    else if (this.#answer === null) this.#held.push(frame);
    else this.#answer(frame);
  }

  #refuse(code: number, reason: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#socket?.close(code, reason);
    this.#over(code, reason, error);
  }

  #over(code: number, reason: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#closed?.();
    this.#answer?.(clientError('DISCONNECTED', 'the connection ended before it was open'));
    this.#owner.ended(code, reason, error);
  }
}
