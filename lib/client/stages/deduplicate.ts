import { DedupWindow } from '../../exchange/dedup-window.js';
import { type Clock, clientClock } from '../../primitives/clock.js';
import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import type { Envelope, MessageId } from '../../protocol/envelope.js';
import type { ClientLink, ClientMiddleware } from '../middleware.js';

/** How much is remembered of what has come. */
export interface ClientDeduplicateOptions {
  /** Keys that are remembered; the oldest makes room. @default 1_000 */
  readonly keys?: number;
  /** How long, in milliseconds. `false`: as long as there is room. @default 300_000 */
  readonly ttlMs?: number | false;
  /** Told of a message that was here before. */
  readonly onDuplicate?: (envelope: Readonly<Envelope>) => void;
  /** @default the machine's */
  readonly clock?: Pick<Clock, 'now'>;
}

/** A key that was here. */
interface Seen {
  /** A question that has no answer yet: it is not forgotten. */
  isRunning: boolean;
  /** Of a question. */
  answer?: Envelope;
  /** Where it stands in the history of its room. */
  readonly place: { readonly [Part in 'room' | 'offset' | 'epoch']: Envelope[Part] | undefined };
}

/**
 * Lets what has a `meta.key` through once: the same message may come twice where a server sends it again, as it does with
 * reliable emits, or through two rooms. A question that comes again is answered as it was the first time, without anybody being
 * asked; one that was answered with an error is asked again.
 *
 * @example pipeline(deduplicate())
 * @throws {OptionError}
 */
export function deduplicate({
  keys = 1_000,
  ttlMs = 300_000,
  onDuplicate,
  clock = clientClock,
}: ClientDeduplicateOptions = {}): ClientMiddleware {
  const seen = new DedupWindow<string, Seen>({
    maxKeys: wholeNumber('keys', keys),
    ttlMs: durationMs('ttlMs', ttlMs),
  });
  /** Keys of the questions that wait for their answers, by their ids. */
  const asked = new Map<MessageId, string>();
  let link: ClientLink | undefined;
  return {
    name: 'deduplicate',
    opened(opened) {
      link = opened;
      // An answer that was ready while there was no connection is lost: who asks again has to be heard again.
      for (const key of asked.values()) seen.delete(key);
      asked.clear();
    },
    inbound({ envelope }, next) {
      const { id, event, meta } = envelope;
      const key = meta?.['key'];
      if (typeof key !== 'string' || event === undefined || !(id === undefined || isQuestion(id)))
        return next();
      const now = clock.now();
      const first = seen.get(key, now);
      if (first !== undefined && !isRepaired(envelope, first)) {
        onDuplicate?.(envelope);
        if (first.answer !== undefined && id !== undefined) link?.send({ ...first.answer, id });
        return;
      }
      const { room, offset, epoch } = envelope;
      seen.add(key, { isRunning: id !== undefined, place: { room, offset, epoch } }, now);
      if (id === undefined) seen.done(key, now);
      else asked.set(id, key);
      return next();
    },
    outbound({ envelope }, next) {
      const { id, event, error } = envelope;
      const key = event === undefined && id !== undefined ? asked.get(id) : undefined;
      if (key === undefined) return next();
      asked.delete(id as MessageId);
      const now = clock.now();
      const first = seen.get(key, now);
      if (first === undefined || error !== undefined) seen.delete(key);
      else {
        first.isRunning = false;
        first.answer = envelope;
        seen.done(key, now);
      }
      return next();
    },
  };
}

/** A server's ids are negative. */
function isQuestion(id: MessageId): boolean {
  return typeof id === 'number' && id < 0;
}

/**
 * Whether it is the first one itself, or one that stands before it in the history of its room: the first came while others before it were
 * missing, was not heard, and comes again in order.
 */
function isRepaired({ room, offset, epoch }: Envelope, { place }: Seen): boolean {
  if (offset === undefined || place.offset === undefined || room !== place.room) return false;
  return (
    offset <= place.offset && (epoch === undefined || place.epoch === undefined || epoch === place.epoch)
  );
}
