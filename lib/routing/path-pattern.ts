import { OptionError } from '../primitives/option-error.js';
import { decodeSegments, normalizePath } from './path-segments.js';

/** What the parameters of a path stood for: `:name` one segment, `*name` all that was left. */
export type PathValues = Record<string, string | string[]>;

/** A path of a gateway, ready to be matched. */
export interface PathPattern {
  /** Normalised. */
  readonly path: string;
  /** No parameter in it. */
  readonly isStatic: boolean;
  /** The greater, as a string, says more exactly what it stands for: segment for segment a literal beats `:name`, which beats `*name`. */
  readonly specificity: string;
  /** Values of the parameters; undefined: another path. */
  match(pathname: string): PathValues | undefined;
  /** The same for segments that are decoded already. */
  matchSegments(segments: readonly string[]): PathValues | undefined;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'param' | 'wildcard'; readonly name: string };

const ranks = { literal: '3', param: '2', wildcard: '1' } as const;

/** Name of the values of a `*` without one. */
const bareWildcard = '*';

/**
 * Compiles a gateway's path. `:name` is one segment that is not empty, `*name` at the end one or more;
 * `*` alone is whatever is left, also nothing.
 *
 * @throws {OptionError} for a wildcard before the end, a parameter without a name, or a name used twice
 */
export function compilePath(source: string): PathPattern {
  const path = normalizePath(source);
  const segments = path === '/' ? [] : path.slice(1).split('/').map(toSegment);
  checkSegments(segments, path);
  const matchSegments = (given: readonly string[]): PathValues | undefined => match(segments, given);
  return {
    path,
    isStatic: segments.every(({ kind }) => kind === 'literal'),
    specificity: segments.map(({ kind }) => ranks[kind]).join(''),
    match: (pathname) => {
      const given = decodeSegments(pathname);
      return given && matchSegments(given);
    },
    matchSegments,
  };
}

function toSegment(text: string): Segment {
  if (text.startsWith(':')) return { kind: 'param', name: text.slice(1) };
  if (text === bareWildcard) return { kind: 'wildcard', name: bareWildcard };
  return text.startsWith('*') ? { kind: 'wildcard', name: text.slice(1) } : { kind: 'literal', text };
}

function checkSegments(segments: readonly Segment[], path: string): void {
  const names = new Set<string>();
  segments.forEach((segment, at) => {
    if (segment.kind === 'literal') return;
    if (segment.name === '') throw new OptionError('path', 'a name behind each ":"', path);
    if (names.has(segment.name))
      throw new OptionError('path', `one parameter with the name "${segment.name}"`, path);
    if (segment.kind === 'wildcard' && at < segments.length - 1)
      throw new OptionError('path', 'a wildcard at the end only', path);
    names.add(segment.name);
  });
}

function match(segments: readonly Segment[], given: readonly string[]): PathValues | undefined {
  const values: PathValues = {};
  for (const [at, segment] of segments.entries()) {
    if (segment.kind === 'wildcard') {
      if (at === given.length && segment.name !== bareWildcard) return undefined;
      values[segment.name] = given.slice(at);
      return values;
    }
    const text = given[at];
    if (text === undefined || (segment.kind === 'literal' ? text !== segment.text : text === ''))
      return undefined;
    if (segment.kind === 'param') values[segment.name] = text;
  }
  return given.length === segments.length ? values : undefined;
}
