import type { Combiner, Emit, Flow } from '../flow.js';

/**
 * Of the events named here only the latest waits: an emit that has not left yet gives way to the next of its event and
 * key, and its `delivered` rejects with `CANCELLED`. The same as the emit option `latest`, for all emits of an event.
 *
 * @param events a function from the data to what is replaced by what, or `true`: one replaces the other, whatever is in it
 * @example createClient({ url, flow: { combine: latestOnly({ typing: true, moved: ({ id }) => id }) } })
 */
export function latestOnly(
  events: Readonly<Record<string, true | ((data: never) => string | number)>>,
): NonNullable<Flow['combine']> {
  const keys = new Map(Object.entries(events));
  return (emit): Combiner => {
    const withKey: Emit = (event, data, options) => {
      const key = keys.get(event);
      if (key === undefined || options?.latest !== undefined) return emit(event, data, options);
      const latest = `${event} ${key === true ? '' : key(data as never)}`;
      return emit(event, data, { ...options, latest });
    };
    return { emit: withKey, flush: () => undefined };
  };
}
