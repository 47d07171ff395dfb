import { decodeRecorded } from '../exchange/recording/recorded-value.js';
import type { ClosedLine, MessageLine } from '../exchange/recording/recording-line.js';
import type { Envelope, MessageId } from '../protocol/envelope.js';
import type { Findings } from './findings.js';
import { type Player, nameless } from './player.js';
import type { ResolvedReplayOptions } from './replay.options.js';

/** Stands where something was redacted, in what is sent. */
const placeholder = '[redacted]';

/** Requests whose answers the recording has yet to have. */
const mostOpen = 4_096;

interface Request {
  readonly event: string;
  readonly at: number;
  isAnswered: boolean;
}

/** One connection of the recording, and the players that play it. */
export class ConnectionReplay {
  readonly players: readonly Player[];
  readonly #options: ResolvedReplayOptions;
  readonly #findings: Findings;
  readonly #isCompared: (event: string) => boolean;
  readonly #requests = new Map<MessageId, Request>();

  constructor(
    players: readonly Player[],
    {
      options,
      findings,
      isCompared,
    }: {
      options: ResolvedReplayOptions;
      findings: Findings;
      isCompared: (event: string) => boolean;
    },
  ) {
    this.players = players;
    this.#options = options;
    this.#findings = findings;
    this.#isCompared = isCompared;
  }

  send(line: MessageLine): void {
    const { event, id, at } = line;
    if (event !== undefined && id !== undefined && event !== '$cancel') {
      this.#requests.set(id, { event, at, isAnswered: false });
      if (this.#requests.size > mostOpen)
        this.#requests.delete(this.#requests.keys().next().value as MessageId);
    }
    const envelope = envelopeOf(line);
    for (const player of this.players) player.send(envelope, at);
  }

  expect(line: MessageLine): void {
    const { event, id, at } = line;
    if (id !== undefined && !(event !== undefined && typeof id === 'number' && id < 0))
      return this.#expectAnswer(id, line);
    const name = event ?? nameless;
    if (id !== undefined) for (const player of this.players) player.expectRequest(name, id);
    if (!this.#isCompared(name)) return;
    const comparable = this.#options.comparables.recorded(line, name);
    for (const player of this.players) player.expectEvent(name, comparable, at);
  }

  gap(): void {
    this.#requests.clear();
    for (const player of this.players) player.gap();
  }

  async finish(line: ClosedLine | null): Promise<void> {
    await Promise.all(this.players.map((player) => player.finish(line)));
  }

  #expectAnswer(id: MessageId, line: MessageLine): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    if (!request.isAnswered) this.#findings.recordedLatencyMs.add(line.at - request.at);
    request.isAnswered = true;
    const isEnd = line.more !== true;
    if (isEnd) this.#requests.delete(id);
    const comparable = this.#options.comparables.recorded(line, request.event);
    for (const player of this.players) player.expectAnswer(id, comparable, isEnd);
  }
}

function envelopeOf({ event, id, data, meta, error }: MessageLine): Envelope {
  const envelope: Envelope = {};
  if (event !== undefined) envelope.event = event;
  if (id !== undefined) envelope.id = id;
  if (data !== undefined) envelope.data = decodeRecorded(data, placeholder);
  if (meta !== undefined) envelope.meta = decodeRecorded(meta, placeholder) as Record<string, unknown>;
  if (error !== undefined)
    envelope.error = decodeRecorded(error, placeholder) as NonNullable<Envelope['error']>;
  return envelope;
}
