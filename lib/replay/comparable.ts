import { DataPaths, insidePath, type PathPosition } from '../exchange/data/data-path.js';
import { encodeRecorded } from '../exchange/recording/recorded-value.js';
import type { MessageLine } from '../exchange/recording/recording-line.js';
import { OptionError } from '../primitives/option-error.js';
import type { Envelope } from '../protocol/envelope.js';
import { EventTable } from '../routing/event-table.js';
import { canonicalText } from './value-difference.js';

/** What of a message is compared, recorded or sent anew: JSON, without what was redacted or is ignored. */
export interface Comparable {
  readonly value: unknown;
  /** The same for the same value. */
  readonly text: string;
}

/** Places in a history are those of its life: another server's are others. */
const alwaysIgnored: Readonly<Record<string, readonly string[]>> = {
  $subscribe: ['data.epoch', 'data.offset'],
};

/** What all messages look like where only their being there counts. */
const anything: Comparable = { value: undefined, text: '' };

/** Makes recorded messages and new ones comparable. */
export class Comparables {
  readonly #isPresenceOnly: boolean;
  readonly #everywhere: DataPaths | undefined;
  readonly #byEvent = new EventTable<DataPaths>();
  #redacted: DataPaths | undefined = undefined;

  /**
   * @param ignore paths (`data.at`, `**.id`), also of some events only (`order.*:data.total`)
   * @param isPresenceOnly contents do not matter
   * @throws {OptionError}
   */
  constructor(ignore: readonly string[], isPresenceOnly = false) {
    this.#isPresenceOnly = isPresenceOnly;
    const byEvent = new Map<string, string[]>();
    for (const entry of ignore) {
      const colon = entry.lastIndexOf(':');
      const path = entry.slice(colon + 1);
      if (path === '') throw new OptionError('ignore', 'paths, or event:path', entry);
      const event = colon === -1 ? '' : entry.slice(0, colon);
      byEvent.set(event, [...(byEvent.get(event) ?? []), path]);
    }
    for (const [event, paths] of [...byEvent, ...Object.entries(alwaysIgnored)]) {
      if (event !== '') this.#byEvent.addExact(event, new DataPaths('ignore', paths));
    }
    for (const [event, paths] of byEvent) {
      if (event.includes('*')) this.#byEvent.add(event, new DataPaths('ignore', paths));
    }
    const everywhere = byEvent.get('');
    this.#everywhere = everywhere && new DataPaths('ignore', everywhere);
  }

  /** What the recorder has left out is left out of new messages too. */
  begin(redact: readonly string[] | undefined): void {
    this.#redacted =
      redact === undefined || redact.length === 0 ? undefined : new DataPaths('redact', redact);
  }

  /** @param event what the message is about: of an answer, the event of its request */
  recorded(line: MessageLine, event: string): Comparable {
    if (this.#isPresenceOnly) return anything;
    const { event: name, data, meta, error, more, done, room } = line;
    return this.#comparable({ event: name, data, meta, error, more, done, room }, event);
  }

  sent({ event: name, data, meta, error, more, done, room }: Envelope, event: string): Comparable {
    if (this.#isPresenceOnly) return anything;
    const start = this.#redacted?.start;
    const part = (value: unknown, member: string): unknown =>
      encodeRecorded(value, start && DataPaths.step(start, member));
    const parts = { data: part(data, 'data'), meta: part(meta, 'meta'), error: part(error, 'error') };
    return this.#comparable({ event: name, ...parts, more, done, room }, event);
  }

  #comparable(message: Record<string, unknown>, event: string): Comparable {
    // Nothing about a message is the same as no `meta`; and what is undefined is not there.
    if (isEmpty(message['meta'])) delete message['meta'];
    let value = JSON.parse(JSON.stringify(message)) as unknown;
    for (const paths of [this.#everywhere, ...(this.#byEvent.lookup(event) ?? [])]) {
      if (paths !== undefined) value = without(value, paths.start);
    }
    return { value, text: canonicalText(value) };
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Without what paths lead to; items of arrays keep their places. */
function without(value: unknown, at: PathPosition): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item, index) => {
      const next = DataPaths.step(at, String(index));
      if (next === undefined) return item as unknown;
      return next === insidePath ? null : without(item, next);
    });
  const kept: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const next = DataPaths.step(at, name);
    if (next !== insidePath) kept.push([name, next === undefined ? item : without(item, next)]);
  }
  return Object.fromEntries(kept);
}
