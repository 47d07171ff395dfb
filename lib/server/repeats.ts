import type { Handled, HandledWindow } from '../exchange/handled-window.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { StageHost } from '../pipeline/middleware.js';
import {
  isToBeRepeated,
  otherEvent,
  recallOutcome,
  type RememberedOutcome,
  rememberOutcome,
} from '../pipeline/stages/deduplicate/remembered-outcome.js';
import type { ErrorBody, MessageId } from '../protocol/envelope.js';
import type { DedupRecord } from '../store/dedup-store.js';
import type { Outcomes } from './outcomes.js';

/** A longer reply is not kept: a repeat gets `DUPLICATE`. */
const longestReply = 65_536;

/** What is kept takes up at least so much; a character is taken for a byte. */
const leastBytes = 64;

type First = Handled<MessageId, unknown>;

/** What repeats are answered with. */
export interface RepeatSettings {
  readonly outcomes: Outcomes;
  readonly host: StageHost;
  /** Whether the outcome of the first goes on under its id: a stream that is open. */
  readonly goesOn: (message: InboundMessage) => boolean;
  /** What a peer is told about an error. */
  readonly bodyOf: (error: unknown) => ErrorBody;
}

/** Answers the messages that come again in their session (PROTOCOL.md, "Client to server: handled once"). */
export class Repeats {
  readonly #settings: RepeatSettings;

  constructor(settings: RepeatSettings) {
    this.#settings = settings;
  }

  /** Gives a repeat the outcome of the first: now, or when that is there. What it is to be told otherwise is its outcome. */
  repeat(message: InboundMessage, first: First): Promise<void> | undefined {
    this.#settings.host.count('session.repeats');
    if (first.event !== message.event) {
      message.settle({ kind: 'error', error: otherEvent });
      return undefined;
    }
    if (!first.isRunning) {
      this.#recall(message, first);
      return undefined;
    }
    // Its turn is over: those behind it need not wait for the first.
    message.enter();
    return first.settled().then(() => this.#recall(message, first));
  }

  /** The first is done. */
  remember(message: InboundMessage, first: First, window: HandledWindow<MessageId, unknown>): void {
    const { reply } = message;
    if (reply !== undefined) {
      const isKept = reply.length <= longestReply;
      return window.done(
        first,
        isKept ? reply : done(first),
        isKept ? leastBytes + reply.length : leastBytes,
      );
    }
    const { outcome, bytes } = rememberOutcome(message, first.event, longestReply);
    if (!isToBeRepeated(message.outcome)) return window.done(first, outcome, leastBytes + bytes);
    // Who waits gets the same; who comes later is a first.
    first.outcome = outcome;
    window.forget(first);
  }

  /** What another process would have to know of a first that is done. Undefined: nothing came of it, and the next one is a first. */
  recordOf(message: InboundMessage, { outcome, event }: First): DedupRecord | undefined {
    if (isToBeRepeated(message.outcome)) return undefined;
    if (outcome === undefined) return { event, kind: 'done' };
    if (typeof outcome === 'string') return { event, kind: 'value', json: outcome };
    const remembered = outcome as RememberedOutcome;
    if (remembered.kind !== 'thrown') return remembered;
    return { event, kind: 'error', ...this.#settings.bodyOf(remembered.error) };
  }

  #recall(message: InboundMessage, first: First): void {
    const { outcomes, goesOn } = this.#settings;
    if (goesOn(message)) {
      // Nothing is said twice.
      message.claimAnswer();
      message.drop('repeat');
    } else if (typeof first.outcome === 'string') {
      outcomes.repeat(message, first.outcome);
    } else recallOutcome(message, (first.outcome as RememberedOutcome | undefined) ?? done(first));
  }
}

function done({ event }: First): RememberedOutcome {
  return { event, kind: 'done' };
}
