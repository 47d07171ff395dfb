import { createHmac, randomBytes } from 'node:crypto';
import type { Connection } from '../../../connection/connection.js';
import type { DisconnectReason } from '../../../connection/disconnect-reason.js';
import {
  type ClosedLine,
  type EndLine,
  type GapLine,
  type OpenedLine,
  type RecordingHeader,
  recordingVersion,
} from '../../../exchange/recording/recording-line.js';
import { presentFields } from '../../../primitives/present-fields.js';
import type { Envelope } from '../../../protocol/envelope.js';
import { EventSelection } from '../../../routing/event-selection.js';
import { Sampler } from '../../../routing/sampler.js';
import type { ConnectionTap } from '../../connection-tap.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { RecordedConnection } from './recorded-connection.js';
import { recordedEnvelope } from './recorded-envelope.js';
import {
  checkTarget,
  type RecorderOptions,
  type RecordingTarget,
  type ResolvedRecorderOptions,
  resolveRecorderOptions,
} from './recorder.options.js';
import { RecordingWriter } from './recording-writer.js';

type Untimed<Line> = Line extends unknown ? Omit<Line, 'at'> : never;
type TimedLine = Untimed<GapLine | OpenedLine | ClosedLine | EndLine>;

/** Enough to tell principals apart, and not to find out who they are. */
const userCharacters = 16;

/** Writes what connections receive and send, one JSON object a line, to be replayed against a server. */
export class RecorderStage implements GatewayMiddleware {
  readonly tap: ConnectionTap;
  readonly #options: ResolvedRecorderOptions;
  readonly #host: StageHost;
  readonly #writer: RecordingWriter;
  readonly #sampler: Sampler;
  readonly #events: EventSelection | null;
  /** Null: not part of the sample, or gone. */
  readonly #connections = new WeakMap<Connection, RecordedConnection | null>();
  readonly #startedAt: number;
  /** Principals have other names in each recording. */
  readonly #userKey = randomBytes(32);
  #opened = 0;
  /** Of a broadcast: it is written once for each receiver, and made once. */
  #lastSent: Envelope | null = null;
  #lastText = '';

  /** @throws {OptionError} */
  constructor(target: RecordingTarget, input: RecorderOptions, host: StageHost) {
    this.#options = resolveRecorderOptions(input);
    const { sample, events, redact } = this.#options;
    this.#host = host;
    this.#sampler = new Sampler(sample, null);
    this.#events = events === undefined ? null : new EventSelection(events);
    this.#startedAt = host.clock.now();
    this.#writer = new RecordingWriter(checkTarget(target), this.#options, host, (gap) =>
      this.#line({ type: 'gap', ...gap }),
    );
    const startedAt = new Date().toISOString();
    const header = { type: 'recording', version: recordingVersion, startedAt, sample } as const;
    this.#writer.write(
      JSON.stringify({ ...header, ...presentFields({ events, redact }) } satisfies RecordingHeader),
      0,
    );
    host.onClose?.(() => this.#close());
    this.tap = {
      connected: (connection) => this.#connected(connection),
      received: (connection, envelope) => this.#received(connection, envelope),
      sent: (connection, envelope) => this.#sent(connection, envelope),
      disconnected: (connection, reason) => this.#disconnected(connection, reason),
    };
  }

  #received(connection: Connection, envelope: Envelope): void {
    if (!this.#of(connection)?.takesIn(envelope)) return;
    // A client that was cut off sends again what it does not know the outcome of.
    if (envelope.id !== undefined && connection.session?.handled.get(envelope.id) !== undefined) return;
    this.#message('in', connection, recordedEnvelope(envelope, this.#options.redacted));
  }

  #sent(connection: Connection, envelope: Envelope): void {
    if (!this.#of(connection)?.takesOut(envelope)) return;
    if (envelope !== this.#lastSent) {
      this.#lastText = recordedEnvelope(envelope, this.#options.redacted);
      this.#lastSent = envelope;
    }
    this.#message('out', connection, this.#lastText);
  }

  #disconnected(connection: Connection, { code, by }: DisconnectReason): void {
    const recorded = this.#connections.get(connection);
    this.#connections.set(connection, null);
    // Of one by which a client came back to its session nothing is known.
    if (!recorded || recorded.number === 0) return;
    this.#writer.write(
      this.#line({ type: 'closed', connection: recorded.number, code, by }),
      recorded.number,
    );
  }

  /** Null: it is not recorded. */
  #of(connection: Connection): RecordedConnection | null {
    if (this.#writer.isOver) return null;
    let recorded = this.#connections.get(connection);
    if (recorded === undefined) {
      recorded = this.#sampler.takes('', connection.id) ? new RecordedConnection(this.#events) : null;
      this.#connections.set(connection, recorded);
    }
    return recorded;
  }

  #connected(connection: Connection): void {
    const recorded = this.#of(connection);
    if (recorded !== null) this.#open(connection, recorded);
  }

  /** When the application hears of it, or, where messages come before, with the first. */
  #open(connection: Connection, recorded: RecordedConnection): void {
    if (recorded.number > 0) return;
    recorded.number = ++this.#opened;
    this.#writer.write(this.#openedLine(connection, recorded.number), recorded.number);
  }

  #openedLine({ handshake, protocol, principal }: Connection, connection: number): string {
    const user = principal && createHmac('sha256', this.#userKey).update(principal.id).digest('base64url');
    return this.#line({
      type: 'opened',
      connection,
      path: handshake.path,
      ...presentFields({
        query: this.#query(handshake.query),
        subprotocol: protocol === '' ? undefined : protocol,
        user: user?.slice(0, userCharacters),
      }),
    });
  }

  #query(query: URLSearchParams): string | undefined {
    const kept = [...query].filter(([name]) => this.#options.query.includes(name));
    return kept.length === 0 ? undefined : new URLSearchParams(kept).toString();
  }

  #message(type: 'in' | 'out', connection: Connection, text: string): void {
    const recorded = this.#connections.get(connection) as RecordedConnection;
    this.#open(connection, recorded);
    const { number } = recorded;
    const head = `{"type":"${type}","at":${this.#at()},"connection":${number}`;
    this.#writer.write(text === '{}' ? `${head}}` : `${head},${text.slice(1)}`, number);
  }

  #line({ type, ...members }: TimedLine): string {
    return JSON.stringify({ type, at: this.#at(), ...members });
  }

  #at(): number {
    return Math.round((this.#host.clock.now() - this.#startedAt) * 1_000) / 1_000;
  }

  async #close(): Promise<void> {
    this.#writer.write(this.#line({ type: 'end' }), 0);
    await this.#writer.close();
  }
}
