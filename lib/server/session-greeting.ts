import type { IncomingMessage } from 'node:http';
import type { Connection } from '../connection/connection.js';
import type { SendQueue } from '../connection/send-queue.js';
import type { Session } from '../connection/session.js';
import { TimerWheel, type WheelTimer } from '../primitives/timer-wheel.js';
import { CloseCode } from '../protocol/close-code.js';
import type { Envelope, MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { isSessionSubprotocol, sessionOffer } from '../protocol/subprotocol.js';
import type { UserIndex } from '../rooms/user-index.js';
import type { DurableSessions, SessionHome } from './durable-sessions.js';
import { continues, encodingOf } from './encoding.js';
import type { Encodings } from './encodings.js';
import type { ConnectionAuthentication } from './connection-authentication.js';
import type { EngineShared } from './engine-shared.js';
import { type HelloData, readHello } from './hello.js';
import type { HeldSession, Sessions } from './sessions.js';

/** What greeting uses of an endpoint. */
export interface GreetingEndpoint extends SessionHome {
  readonly shared: EngineShared;
  readonly users: UserIndex;
  readonly authentication: ConnectionAuthentication;
  readonly encodings: Encodings;
}

/** A connection that has promised `$hello`. */
interface Expected {
  /** Goes on with connecting; null as long as it has not authenticated. */
  admit: (() => void) | null;
  /** It came before it could be answered. */
  early: Envelope | null;
  timer: WheelTimer | null;
}

/** Puts the socket of a connection that has said `$hello` under another, whose session it resumes. */
export type HandOver = (fresh: Connection, connection: Connection, missed: Buffer | null) => void;

const unexpected = new GatewireError(
  ErrorCode.BadRequest,
  'gatewire.session was offered: the first message is $hello, the next comes after its outcome',
);
const again = new GatewireError(ErrorCode.Conflict, 'this connection has said $hello already');
const notOffered = new GatewireError(
  ErrorCode.BadRequest,
  '$hello: only who has offered gatewire.session can resume a session',
);
const neverSent = new GatewireError(ErrorCode.BadRequest, '$hello: "seq" was never sent');

/** `$hello` at one endpoint: begins sessions and resumes them (PROTOCOL.md, "Sessions"). */
export class SessionGreeting {
  readonly #endpoint: GreetingEndpoint;
  readonly #sessions: Sessions;
  readonly #handOver: HandOver;
  readonly #wheel: TimerWheel;
  readonly #expected = new Map<Connection, Expected>();
  /** Those that are being answered. */
  readonly #greeted = new WeakSet<Connection>();

  constructor(endpoint: GreetingEndpoint, sessions: Sessions, handOver: HandOver) {
    this.#endpoint = endpoint;
    this.#sessions = sessions;
    this.#handOver = handOver;
    this.#wheel = new TimerWheel(endpoint.shared.clock);
  }

  /** The 101 is out. */
  opened(connection: Connection, request: IncomingMessage): void {
    const offers = request.headers['sec-websocket-protocol'] ?? '';
    if (!isSessionSubprotocol(connection.protocol)) return;
    if (!offers.split(',').some((offer) => offer.trim() === sessionOffer)) return;
    this.#expected.set(connection, { admit: null, early: null, timer: null });
    this.hide(connection);
  }

  /** What is sent to its user is not for a connection that nobody knows yet. */
  hide(connection: Connection): void {
    if (this.#expected.has(connection))
      this.#endpoint.users.moved(connection, connection.principal?.id, undefined);
  }

  /** Nothing but `$hello` stands between it and the application. @param admit is called at once where none was promised */
  arrived(connection: Connection, admit: () => void): void {
    const expected = this.#expected.get(connection);
    if (expected === undefined) return admit();
    this.hide(connection);
    expected.admit = admit;
    expected.timer = this.#wheel.add(this.#sessions.options.helloMs, () =>
      connection.close(CloseCode.RequestTimeout, 'no $hello in time'),
    );
    const { early } = expected;
    expected.early = null;
    if (early !== null) this.receive(connection, early);
  }

  /** Why a message that is not `$hello` must be refused; undefined when it need not be. */
  refusalOf(connection: Connection): GatewireError | undefined {
    return this.#expected.has(connection) ? unexpected : undefined;
  }

  closed(connection: Connection): void {
    const expected = this.#expected.get(connection);
    if (expected === undefined) return;
    this.#expected.delete(connection);
    if (expected.timer !== null) this.#wheel.remove(expected.timer);
  }

  /** `$hello`. */
  receive(connection: Connection, envelope: Envelope): void {
    try {
      this.#greet(connection, envelope);
    } catch (error) {
      this.#endpoint.shared.refusals.refuse(connection, envelope.id, error);
    }
  }

  #greet(connection: Connection, envelope: Envelope): void {
    const { id } = envelope;
    if (connection.session !== undefined || this.#greeted.has(connection)) throw again;
    const hello = readHello(envelope.data);
    const expected = this.#expected.get(connection);
    if (expected === undefined) {
      if (hello !== undefined) throw notOffered;
    } else if (expected.admit === null) {
      if (expected.early !== null) throw again;
      expected.early = envelope;
      return;
    }
    if (hello === undefined) return this.#begin(connection, id);
    const held = this.#find(connection, hello);
    if (held !== undefined) this.#resume(connection, id, hello, held);
    else if (this.#sessions.durable === null) this.#begin(connection, id);
    else void this.#findElsewhere(connection, id, hello, this.#sessions.durable);
  }

  /** Where sessions outlive processes, one that is not known here may be in the store. */
  async #findElsewhere(
    connection: Connection,
    id: MessageId | undefined,
    hello: HelloData,
    durable: DurableSessions,
  ): Promise<void> {
    this.#greeted.add(connection);
    try {
      await durable.lookFor(hello.session, hello.token);
      if (!connection.canSend) return;
      const held = this.#find(connection, hello);
      if (held === undefined) this.#begin(connection, id);
      else this.#resume(connection, id, hello, held);
    } catch (error) {
      this.#endpoint.shared.log.error('SESSION_STORE', error);
      // A new session would be a lie: the old one may be there when the store is back.
      connection.close(CloseCode.TryAgainLater, 'the store of sessions has failed');
    }
  }

  #find(connection: Connection, { session, token }: HelloData): HeldSession | undefined {
    const held = this.#sessions.find({
      session,
      token,
      home: this.#endpoint,
      principalId: this.#principalOf(connection),
    });
    // What waits was made for one codec, and in the stages and the compression of one kind of connection.
    return held !== undefined && continues(encodingOf(held.connection), encodingOf(connection))
      ? held
      : undefined;
  }

  #begin(connection: Connection, id: MessageId | undefined): void {
    this.#greeted.add(connection);
    // What was sent before must be gone when the messages begin to be counted.
    queueOf(connection).whenDrained(() => {
      if (!connection.canSend) return;
      const encoding = this.#endpoint.encodings.nameOf(encodingOf(connection));
      const principal = this.#principalOf(connection);
      const { session, written } = this.#sessions.create(connection, this.#endpoint, principal, encoding);
      if (written === undefined) return this.#begun(connection, id, session);
      const isLost = (): void => this.#sessions.ended(session, CloseCode.TryAgainLater);
      written.then(() => {
        if (!connection.canSend) return isLost();
        queueOf(connection).whenDrained(() => this.#begun(connection, id, session));
      }, isLost);
    });
  }

  /** It is written down, where it has to be. */
  #begun(connection: Connection, id: MessageId | undefined, session: Session): void {
    if (connection.state === 'open') session.opened();
    session.log.keep(encodingOf(connection).isRepeatable);
    this.#welcome(connection, id, session, {
      token: session.token,
      resumed: false,
      recovered: false,
      seq: 1,
    });
    connection.begin(session);
    const admit = this.#expected.get(connection)?.admit;
    this.closed(connection);
    if (admit === undefined || admit === null) return;
    this.#endpoint.users.moved(connection, undefined, connection.principal?.id);
    admit();
  }

  #resume(fresh: Connection, id: MessageId | undefined, { seq }: HelloData, held: HeldSession): void {
    const { session, connection } = held;
    const { log } = session;
    const { shared } = this.#endpoint;
    const { counters } = shared;
    if (seq > log.last) {
      if (!session.isRestored || connection.state !== 'away') throw neverSent;
      // It was sent by an earlier process: the store has come back with less than it had confirmed, and numbers would be given twice.
      shared.stageHost.count('session.behind');
      connection.expire();
      return this.#begin(fresh, id);
    }
    if (connection.state !== 'away') counters.sessionsSuperseded++;
    connection.supersede();
    this.#greeted.add(fresh);
    queueOf(fresh).whenDrained(() => {
      if (!fresh.canSend) return;
      const recovered = log.has(seq);
      if (!recovered) counters.sessionGaps++;
      const from = recovered ? seq : log.last;
      this.#welcome(fresh, id, session, { resumed: true, recovered, seq: from + 1 });
      queueOf(fresh).whenDrained(() => this.#goOn(fresh, held, from, recovered));
    });
  }

  /** `$welcome` is out: what comes next on this socket is the session's. */
  #goOn(fresh: Connection, { session, connection }: HeldSession, from: number, recovered: boolean): void {
    const { log } = session;
    if (!fresh.canSend) return;
    if (connection.state === 'away') queueOf(connection).flush();
    if (connection.state !== 'away' || !log.has(from)) {
      // While `$welcome` was on its way, another took the session, or more was sent than is kept.
      fresh.close(CloseCode.TryAgainLater, 'the session has moved on');
      return;
    }
    // Where something is missing, what is kept stays: this `$hello` may have been on its way for long, and the client is further by now.
    if (recovered) log.ack(from);
    const { counters } = this.#endpoint.shared;
    counters.sessionsResumed++;
    counters.messagesReplayed += log.last - from;
    const missed = log.after(from);
    this.closed(fresh);
    this.#sessions.returned(session);
    const isRepeatable = encodingOf(fresh).isRepeatable;
    this.#handOver(fresh, connection, missed.length === 0 ? null : Buffer.concat(missed));
    if (!isRepeatable) log.keep(false);
  }

  #welcome(
    connection: Connection,
    id: MessageId | undefined,
    session: Session,
    data: Readonly<Record<string, unknown>>,
  ): void {
    const { outcomes, options } = this.#endpoint.shared;
    const { limits, heartbeat } = options;
    const welcome = {
      session: session.id,
      ...data,
      resumeMs: this.#sessions.options.resumeMs,
      limits: {
        maxPayloadBytes: finite(limits.maxPayloadBytes),
        batchItems: finite(limits.batchItems),
        requestsInFlight: finite(limits.requestsInFlight),
      },
      heartbeat: heartbeat.intervalMs === Infinity ? false : heartbeat,
    };
    outcomes.answer(connection, { ...(id !== undefined && { id }), event: '$welcome', data: welcome });
  }

  #principalOf(connection: Connection): string | undefined {
    return this.#endpoint.authentication.principalOf(connection)?.id;
  }
}

/** The 101 is out. */
function queueOf(connection: Connection): SendQueue {
  return connection.queue as SendQueue;
}

/** JSON knows no infinity. */
function finite(limit: number): number | false {
  return limit === Infinity ? false : limit;
}
