type Make = (...values: unknown[]) => unknown;

/**
 * Makes a function of text, with access to these values and no others. Undefined where the platform forbids it
 * (`--disallow-code-generation-from-strings`): every caller has a slower way that does the same.
 *
 * Why at all: a function of its own gives each property access of a class its own inline cache. One function for all
 * classes meets them all in one place: a nested DTO of five fields then takes 1.0 µs instead of 0.24 (Node 20).
 * Names of properties come from decorators, never from a peer, and are written as JSON strings.
 */
export function generated(values: Readonly<Record<string, unknown>>, source: string): unknown {
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see above
    const make = new Function(...Object.keys(values), `"use strict"; return ${source};`) as Make;
    return make(...Object.values(values));
  } catch {
    return undefined;
  }
}
