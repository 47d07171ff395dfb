import type { OpenedLine, RecordingHeader, RecordingLine } from '../exchange/recording/recording-line.js';
import { EventSelection } from '../routing/event-selection.js';
import { Awaited } from './awaited.js';
import { ConnectionReplay } from './connection-replay.js';
import { Findings } from './findings.js';
import { type Absences, Judge } from './judge.js';
import { Pace } from './pace.js';
import { Player } from './player.js';
import { RecordingReader } from './recording-reader.js';
import type { ReplayReport } from './replay-report.js';
import type { ResolvedReplayOptions } from './replay.options.js';

/** Bytes that may wait for one socket: the recording is read no further until they have left. */
const mostBufferedBytes = 1_048_576;

/** Messages that may wait for one socket to open. */
const mostWaiting = 1_000;

/** How often a socket that does not keep up is looked at. */
const lookMs = 5;

/** One replay, from the first line to the report. */
export class ReplayRun {
  readonly #options: ResolvedReplayOptions;
  readonly #reader: RecordingReader;
  readonly #findings: Findings;
  readonly #awaited: Awaited;
  readonly #pace: Pace;
  readonly #absences: Absences = new Map<string, number>();
  readonly #connections = new Map<number, ConnectionReplay>();
  readonly #finishing = new Set<Promise<void>>();
  readonly #startedAt: number;
  #header: RecordingHeader | null = null;
  #events: EventSelection | null = null;
  #comparesEvents = true;
  #at = 0;
  #lostLines = 0;
  #isWhole = false;
  #isStopped = false;

  constructor(options: ResolvedReplayOptions) {
    const { clock, speed, timeoutMs } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#reader = new RecordingReader(options.file);
    this.#findings = new Findings(options.maxDifferences, options.onDifference);
    this.#awaited = new Awaited(clock, timeoutMs);
    this.#pace = new Pace(clock, speed === 'max' ? Infinity : speed);
  }

  async run(): Promise<ReplayReport> {
    for await (const line of this.#reader) {
      if (this.#isStopped) break;
      if (line.type === 'recording') await this.#begin(line);
      else await this.#line(line);
    }
    await this.#finishAll();
    this.#awaited.stop();
    return this.#report();
  }

  /** Ends it at once. */
  stop(): void {
    this.#isStopped = true;
    this.#awaited.stop();
    for (const { players } of this.#connections.values()) for (const player of players) player.terminate();
  }

  /** A further one: the recorder was started anew, and its connections were gone. */
  async #begin(header: RecordingHeader): Promise<void> {
    if (this.#header !== null) await this.#finishAll();
    this.#header ??= header;
    const { compare, connections, comparables } = this.#options;
    this.#comparesEvents =
      compare === undefined ? header.sample >= 1 && connections === 1 : compare === 'all';
    this.#events = header.events === undefined ? null : new EventSelection(header.events);
    comparables.begin(header.redact);
  }

  async #line(line: Exclude<RecordingLine, RecordingHeader>): Promise<void> {
    const lateMs = await this.#pace.until(line.at);
    this.#at = line.at;
    this.#isWhole = line.type === 'end';
    if (line.type === 'out') {
      await this.#awaited.room();
      return this.#connections.get(line.connection)?.expect(line);
    }
    // At full speed nothing is done before what had come before it is there.
    if (this.#options.speed === 'max') await this.#awaited.idle();
    switch (line.type) {
      case 'opened':
        return this.#open(line);
      case 'in': {
        const connection = this.#connections.get(line.connection);
        if (connection === undefined) {
          this.#findings.unsent++;
          return;
        }
        this.#findings.lateMs.add(lateMs);
        connection.send(line);
        return this.#keepUp(connection);
      }
      case 'closed': {
        const finished = this.#finish(line.connection, line);
        if (this.#options.speed === 'max') await finished;
        return;
      }
      case 'gap':
        this.#lostLines += line.lines;
        for (const number of line.connections) this.#connections.get(number)?.gap();
        return;
      case 'end':
    }
  }

  async #open(line: OpenedLine): Promise<void> {
    const options = this.#options;
    const isCompared = (event: string): boolean => this.#isCompared(event);
    const shared = {
      findings: this.#findings,
      awaited: this.#awaited,
      clock: options.clock,
      absences: this.#absences,
    };
    const { connection: number, path, user } = line;
    const players = Array.from({ length: options.connections }, (_, copy) => {
      const connection = { number, copy, path, ...(user === undefined ? {} : { user }) };
      return new Player(connection, line, {
        options,
        isCompared,
        judge: new Judge(number, shared),
        at: () => this.#at,
      });
    });
    const replayed = new ConnectionReplay(players, { options, findings: this.#findings, isCompared });
    this.#connections.set(number, replayed);
    if (options.speed === 'max') await Promise.all(players.map(({ opened }) => opened));
  }

  #isCompared(event: string): boolean {
    if (!this.#comparesEvents) return false;
    return this.#events === null || event === 'exception' || event === '$close' || this.#events.has(event);
  }

  /** Waits for sockets that do not take what they are given. */
  async #keepUp({ players }: ConnectionReplay): Promise<void> {
    for (const player of players) {
      if (player.waiting > mostWaiting) await player.opened;
      while (player.bufferedBytes > mostBufferedBytes)
        await new Promise<void>((resolve) => void this.#options.clock.setTimeout(resolve, lookMs));
    }
  }

  #finish(number: number, line: Parameters<ConnectionReplay['finish']>[0]): Promise<void> | undefined {
    const connection = this.#connections.get(number);
    if (connection === undefined) return undefined;
    const finishing = connection.finish(line).then(() => {
      this.#finishing.delete(finishing);
      if (this.#connections.get(number) === connection) this.#connections.delete(number);
    });
    this.#finishing.add(finishing);
    return finishing;
  }

  async #finishAll(): Promise<void> {
    await Promise.all(this.#finishing);
    for (const number of [...this.#connections.keys()]) void this.#finish(number, null);
    await Promise.all(this.#finishing);
  }

  #report(): ReplayReport {
    const findings = this.#findings;
    const { opened, failed, sent, unsent, received, same, differing, differences } = findings;
    const { startedAt, sample } = this.#header as RecordingHeader;
    return {
      isSame: differing === 0 && findings.failures.size === 0,
      recording: {
        startedAt,
        sample,
        durationMs: this.#at,
        brokenLines: this.#reader.brokenLines,
        lostLines: this.#lostLines,
        isWhole: this.#isWhole,
      },
      durationMs: this.#options.clock.now() - this.#startedAt,
      connections: { opened, failed },
      messages: { sent, unsent, received },
      same,
      differing,
      differences,
      failures: [...findings.failures],
      latencyMs: findings.latencyMs.summary(),
      recordedLatencyMs: findings.recordedLatencyMs.summary(),
      lateMs: findings.lateMs.summary(),
    };
  }
}
