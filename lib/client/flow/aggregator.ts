import { Aggregator, type Aggregation, type Group } from '../../exchange/aggregator.js';
import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import type { Emitted, EmitOptions } from '../client-api.js';
import type { Combiner, Emit, Flow } from '../flow.js';
import { EmittedMessage } from '../sends.js';
import type { GatewireError } from '../../protocol/gatewire-error.js';

/** How emits of some events become one, and when it leaves. */
export interface AggregateOptions {
  /** Milliseconds from the first of them. @default 50 */
  readonly windowMs?: number;
  /** Groups that wait at once; one more, and all of them leave. @default 1_000 */
  readonly groups?: number;
  /** By the event's name. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- who names the event knows its data
  readonly events: Readonly<Record<string, Aggregation<any, any>>>;
}

/**
 * One message for all emits of an event within a window. Each of their `delivered` tells what became of it; `id` is
 * undefined. An emit with `meta`, `signal` or `latest` stays by itself, and those before it leave first.
 *
 * Until the window is over the outbox does not know of them: nothing of it survives a crash, and other events overtake it.
 *
 * @example createClient({ url, flow: { combine: aggregate({ events: { moved: latest({ key: ({ id }) => id }), clicks: sum() } }) } })
 * @throws {OptionError}
 */
export function aggregate(options: AggregateOptions): NonNullable<Flow['combine']> {
  const limits = {
    windowMs: durationMs('windowMs', options.windowMs ?? 50),
    groups: wholeNumber('groups', options.groups ?? 1_000),
  };
  const aggregations = new Map(Object.entries(options.events));
  for (const [event, { items }] of aggregations)
    if (items !== undefined) wholeNumber(`events["${event}"].items`, items);
  return (emit, clock): Combiner => {
    const held = new Aggregator<unknown, unknown, Held>(clock, limits, (group) => settleAll(emit, group));
    const aggregated: Emit = (event, data, given) => {
      const aggregation = aggregations.get(event);
      if (aggregation === undefined) return emit(event, data, given);
      if (isByItself(given)) {
        held.flush(event);
        return emit(event, data, given);
      }
      const emitted = new EmittedMessage(undefined);
      held.add(event, aggregation, data, { emitted, options: given });
      return emitted;
    };
    return { emit: aggregated, flush: () => held.flush() };
  };
}

interface Held {
  readonly emitted: EmittedMessage;
  readonly options: EmitOptions | undefined;
}

function isByItself({ meta, signal, latest }: EmitOptions = {}): boolean {
  return meta !== undefined || signal !== undefined || latest !== undefined;
}

/** Sends what has become of them with the options of the last, and tells each of them. */
function settleAll(emit: Emit, { name, whole, handles }: Group<unknown, Held>): void {
  const sent: Emitted = emit(name, whole, handles.at(-1)?.options);
  sent.delivered.then(
    () => {
      for (const { emitted } of handles) emitted.settle();
    },
    (error: unknown) => {
      for (const { emitted } of handles) emitted.settle(error as GatewireError);
    },
  );
}

/** The last one counts. @param key what belongs together: an object's id, for example */
export function latest<Data>({ key }: { readonly key?: (data: Data) => string | number } = {}): Aggregation<
  Data,
  Data
> {
  return { begin: (data) => data, add: (_whole, data) => data, ...(key && { key }) };
}

/** Numbers are added up: the data itself, or those in it; of all else the last counts. @param fields which of them. @default all numbers */
export function sum<Data extends number | object = number>({
  key,
  fields,
}: {
  readonly key?: (data: Data) => string | number;
  readonly fields?: readonly string[];
} = {}): Aggregation<Data, Data> {
  return { begin: (data) => data, add: (whole, data) => added(whole, data, fields), ...(key && { key }) };
}

/** All of them, as a list; also of one. @param items of one list. @default 100 */
export function list<Data>({
  key,
  items = 100,
}: {
  readonly key?: (data: Data) => string | number;
  readonly items?: number;
} = {}): Aggregation<Data, Data[]> {
  return {
    items,
    begin: (data) => [data],
    add: (whole, data) => {
      whole.push(data);
      return whole;
    },
    ...(key && { key }),
  };
}

function added<Data extends number | object>(whole: Data, data: Data, fields?: readonly string[]): Data {
  if (typeof whole === 'number' && typeof data === 'number') return (whole + data) as Data;
  const values = new Map<string, unknown>(Object.entries(whole));
  for (const [name, value] of Object.entries(data)) {
    const before = values.get(name);
    const isNumber = typeof before === 'number' && typeof value === 'number';
    values.set(name, isNumber && fields?.includes(name) !== false ? before + value : value);
  }
  return Object.fromEntries(values) as Data;
}
