import { Sequencer } from '../exchange/sequencer.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { InboundMessage } from './inbound-message.js';
import type { StageHost } from './middleware.js';
import type { SequenceRule } from './sequence-rule.js';
import { isToBeRepeated } from './stages/deduplicate/remembered-outcome.js';

/** Longest `meta.stream`, in UTF-16 code units: what a peer can have us remember. */
const longestStream = 128;

/** Where messages go on. */
export interface SequencedWay {
  readonly host: StageHost;
  /** It is the turn of this message. */
  admit(message: InboundMessage): void;
  /** Tells the peer that a message will have no other outcome than this error. */
  refuse(message: InboundMessage, error: unknown): void;
}

interface Numbered {
  readonly sequencer: Sequencer<InboundMessage>;
  readonly seq: number;
}

const badNumber = new GatewireError(ErrorCode.BadRequest, 'meta.seq must be a whole number from 1 on');
const badStream = new GatewireError(
  ErrorCode.BadRequest,
  `meta.stream must be a string of 1 to ${longestStream} characters`,
);
const tooManyStreams = new GatewireError(
  ErrorCode.TooManyRequests,
  'this connection numbers too many streams already',
);
const duplicate = new GatewireError(ErrorCode.Duplicate, 'a message with this number has been here before');

/** The numbered messages of one connection (PROTOCOL.md, "Sequences"): each goes on when it is its turn. */
export class Sequences {
  readonly #way: SequencedWay;
  readonly #streams = new Map<SequenceRule, Map<string, Sequencer<InboundMessage>>>();
  /** Those that wait or run. */
  readonly #unsettled = new Map<InboundMessage, Numbered>();

  constructor(way: SequencedWay) {
    this.#way = way;
  }

  /** Takes a message of a handler with this rule: now, later, or not at all, which its sender is told. */
  take(message: InboundMessage, rule: SequenceRule): void {
    const seq = message.meta?.['seq'];
    if (seq === undefined) return this.#way.admit(message);
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1)
      return this.#way.refuse(message, badNumber);
    const stream = message.meta?.['stream'] ?? '';
    if (typeof stream !== 'string' || stream.length > longestStream)
      return this.#way.refuse(message, badStream);
    const sequencer = this.#sequencer(rule, stream);
    if (sequencer === undefined) return this.#way.refuse(message, tooManyStreams);
    this.#offer(message, { sequencer, seq });
  }

  /** A message is done. */
  settled(message: InboundMessage): void {
    const numbered = this.#unsettled.get(message);
    if (numbered === undefined) return;
    this.#unsettled.delete(message);
    if (isToBeRepeated(message.outcome)) numbered.sequencer.readmit(numbered.seq);
  }

  /** The client is away: what is missing cannot come. */
  suspend(): void {
    for (const sequencer of this.#sequencers()) sequencer.suspend();
  }

  /** The client is back. */
  resume(): void {
    for (const sequencer of this.#sequencers()) sequencer.resume();
  }

  /** Takes out everything that waits. */
  clear(): InboundMessage[] {
    return [...this.#sequencers()].flatMap((sequencer) => sequencer.clear());
  }

  #offer(message: InboundMessage, numbered: Numbered): void {
    const { sequencer, seq } = numbered;
    // Before the offer, as it may be its turn, and over, within it.
    this.#unsettled.set(message, numbered);
    const verdict = sequencer.offer(seq, message, message.bytes);
    if (verdict === 'released') return;
    const { host } = this.#way;
    if (verdict === 'held') return host.count('sequence.held');
    this.#unsettled.delete(message);
    if (verdict === 'waits' || verdict === 'passed') return this.#repeated(message, numbered);
    if (verdict === 'beyond') {
      host.count('sequence.beyond');
      return this.#way.refuse(message, beyond(sequencer));
    }
    host.count('sequence.late');
    this.#way.refuse(message, tooLate(sequencer));
  }

  #repeated(message: InboundMessage, { sequencer, seq }: Numbered): void {
    const { id, connection } = message;
    this.#way.host.count('sequence.duplicates');
    // Nobody waits for an outcome.
    if (id === undefined) return;
    // The outcome of the one that is there, waiting or running, is the outcome of both.
    for (const [first, other] of this.#unsettled)
      if (first.id === id && other.seq === seq && other.sequencer === sequencer) return;
    // The session knows what became of it.
    if (connection.session?.handled.get(id) !== undefined) return this.#way.admit(message);
    this.#way.refuse(message, duplicate);
  }

  #sequencer(rule: SequenceRule, stream: string): Sequencer<InboundMessage> | undefined {
    let streams = this.#streams.get(rule);
    if (streams === undefined) {
      streams = new Map<string, Sequencer<InboundMessage>>();
      this.#streams.set(rule, streams);
    }
    let sequencer = streams.get(stream);
    if (sequencer !== undefined || streams.size >= rule.streams) return sequencer;
    const { host } = this.#way;
    sequencer = new Sequencer<InboundMessage>(
      { ...rule, clock: host.clock },
      {
        release: (message) => this.#way.admit(message),
        gaveUp: (count) => {
          host.count('sequence.given-up', count);
          host.log.warn(
            'SEQUENCE_GAP',
            () => `${count} numbered messages did not come within ${rule.gapMs} ms: what follows is handled`,
          );
        },
      },
    );
    streams.set(stream, sequencer);
    return sequencer;
  }

  *#sequencers(): Iterable<Sequencer<InboundMessage>> {
    for (const streams of this.#streams.values()) yield* streams.values();
  }
}

function beyond({ next }: Sequencer<InboundMessage>): GatewireError {
  return new GatewireError(ErrorCode.Overloaded, 'too far ahead of the number whose turn it is', {
    details: { next },
  });
}

function tooLate({ next }: Sequencer<InboundMessage>): GatewireError {
  return new GatewireError(ErrorCode.Conflict, 'its number was waited for, and has been given up', {
    details: { next },
  });
}
