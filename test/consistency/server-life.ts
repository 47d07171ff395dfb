import type { AddressInfo, Socket } from 'node:net';
import type { Connection } from '../../lib/connection/connection.js';
import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { Clock } from '../../lib/primitives/clock.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';
import type { History, SessionRecord } from './history.js';
import { LifeClock } from './life-clock.js';

export const resumeMs = 30_000;
export const logMessages = 50;

export interface ServerLifeSettings {
  readonly history: History;
  readonly clock: Clock;
  readonly number: number;
}

/** A server's process, from its start to its end. */
export class ServerLife {
  readonly number: number;
  readonly #history: History;
  readonly #clock: LifeClock;
  readonly #gates = new Set<{ resolve(): void; reject(error: unknown): void }>();
  readonly #sockets = new Set<Socket>();
  #fixture!: EngineFixture;
  #isDead = false;
  #isEnding = false;
  /** Handlers do not wait any more. */
  isReleased = false;
  /** Requests to clients that have no outcome. */
  asking = 0;

  private constructor({ history, clock, number }: ServerLifeSettings) {
    this.#history = history;
    this.#clock = new LifeClock(clock);
    this.number = number;
  }

  static async start(settings: ServerLifeSettings): Promise<ServerLife> {
    const life = new ServerLife(settings);
    const handle =
      (work: (message: InboundMessage, n: unknown) => unknown) =>
      (data: unknown, message: InboundMessage): unknown =>
        work(message, (data as { n?: unknown } | undefined)?.n);
    life.#fixture = await EngineFixture.start({
      options: {
        session: { resumeMs, messages: logMessages },
        concurrency: 1_000,
        heartbeat: { intervalMs: 5_000, timeoutMs: 4_000 },
        shutdown: { drainMs: 6_000 },
        timeouts: { closeMs: 1_000 },
      },
      host: { clock: life.#clock },
      connect: (connection) => life.#history.connected(connection, life.number),
      disconnect: (connection) => life.#history.disconnected(connection, life.#isEnding),
      handlers: {
        put: handle((message, n) => life.#put(message, n)),
        // Without an id whatever is returned would be sent.
        note: handle((message, n) => void life.#put(message, n)),
        slow: handle((message, n) => life.#slow(message, n)),
        count: (data, message) =>
          life.#count(message, data as { n: number; items: number; isPaced: boolean }),
      },
      authorizers: [
        {
          pattern: '**',
          canSubscribe: () => true,
          canPublish: (connection, _room, _event, data) => life.#publish(connection, data),
        },
      ],
    });
    life.#fixture.httpServer.on('connection', (socket: Socket) => {
      life.#sockets.add(socket);
      socket.on('close', () => life.#sockets.delete(socket));
    });
    return life;
  }

  /** Null: it does not listen any more. */
  get port(): number | null {
    return (this.#fixture.httpServer.address() as AddressInfo | null)?.port ?? null;
  }

  get logLines(): readonly string[] {
    return this.#fixture.log.lines;
  }

  get connections(): Connection[] {
    return [...this.#fixture.engine.server.clients].filter(({ canSend }) => canSend);
  }

  /** Sends to everybody. */
  tick(isVolatile: boolean): void {
    const m = this.#history.nextM();
    for (const connection of this.connections) {
      const record = this.#record(connection);
      if (isVolatile) {
        record.volatileTicks.push(m);
        record.sends++;
        connection.emit('vtick', { m }, { volatile: true });
      } else if (connection.emit('tick', { m })) record.tick(m);
    }
  }

  broadcast(room: string): void {
    const m = this.#history.nextM();
    const members = this.connections.filter(({ rooms }) => rooms.has(room));
    for (const member of members) this.#record(member).tick(m);
    this.#history.note(() => `server broadcasts ${m} to ${members.length} in ${room}`);
    this.#fixture.engine.server.publish(room, 'tick', { m, room });
  }

  ask(): void {
    for (const connection of this.connections) {
      const m = this.#history.nextM();
      this.#record(connection).tick(m);
      this.asking++;
      connection.request('question', { m }).then(
        (answer) => {
          this.asking--;
          if (answer !== m) this.#history.violated(`question ${m} was answered with ${String(answer)}`);
        },
        (error: unknown) => {
          this.asking--;
          const code = isGatewireError(error) ? error.code : String(error);
          if (!['ACK_TIMEOUT', 'DISCONNECTED', 'CANCELLED'].includes(code))
            this.#history.violated(`question ${m} has failed with ${code}`);
        },
      );
    }
  }

  release(): void {
    for (const gate of this.#gates) gate.resolve();
    this.#gates.clear();
  }

  /** What the process leaves behind when it is gone at once: nothing. The proxy has reset its connections. */
  async crash(): Promise<void> {
    this.#isDead = this.#isEnding = true;
    for (const gate of this.#gates) gate.reject(new Error('the process is gone'));
    this.#gates.clear();
    await this.#exit();
  }

  /** Drains, and is gone. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#fixture.engine.close();
    this.#isDead = true;
    await this.#exit();
  }

  /** The system closes what the process has left open: sockets whose peers have never answered a close. */
  async #exit(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#fixture.stop();
    this.#clock.end();
  }

  #record(connection: Connection): SessionRecord {
    const record = this.#history.sessionOf(connection);
    if (record === undefined) throw new Error('a connection among clients without handleConnection');
    return record;
  }

  #put({ connection }: InboundMessage, n: unknown): unknown {
    if (this.#isDead) return undefined;
    const message = this.#history.enters(connection, n);
    if (message !== undefined) message.completed++;
    return n;
  }

  async #slow({ connection }: InboundMessage, n: unknown): Promise<unknown> {
    if (this.#isDead) return undefined;
    const message = this.#history.enters(connection, n);
    await this.#gate();
    if (message !== undefined) message.completed++;
    return n;
  }

  async *#count(
    { connection }: InboundMessage,
    { n, items, isPaced }: { n: number; items: number; isPaced: boolean },
  ): AsyncGenerator {
    if (this.#isDead) return;
    const message = this.#history.enters(connection, n);
    for (let at = 0; at < items; at++) {
      if (isPaced) await this.#gate();
      const record = this.#history.sessionOf(connection);
      if (record !== undefined) record.sends++;
      yield { n, at };
    }
    if (message !== undefined) message.completed++;
  }

  #publish(connection: Connection, data: unknown): boolean {
    const message = this.#history.enters(connection, (data as { n?: unknown } | undefined)?.n);
    if (message !== undefined) message.completed++;
    for (const other of this.connections) this.#record(other).sends++;
    return true;
  }

  #gate(): Promise<void> {
    if (this.isReleased) return Promise.resolve();
    const gate = deferred();
    this.#gates.add(gate);
    return gate.promise;
  }
}
