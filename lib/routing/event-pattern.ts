/** Divides a name into segments. */
const divider = '.';

/** Stands for any one segment. */
const anySegment = '*';

/** Stands for one segment or more, at the end. */
const anyRest = '**';

/**
 * Whether a name of events or rooms is a pattern: segments divided by dots, some of them `*` (one segment),
 * the last perhaps `**` (all that is left, one segment at least).
 */
export function isPattern(name: string): boolean {
  if (!name.includes(anySegment)) return false;
  const segments = name.split(divider);
  return segments.some((segment) => segment === anySegment) || segments.at(-1) === anyRest;
}

/** Whether each `*` in a name is a whole segment, and `**` the last one: `order*` and `a.**.b` say something that nobody does. */
export function hasSoundWildcards(name: string): boolean {
  if (!name.includes(anySegment)) return true;
  const segments = name.split(divider);
  return segments.every((segment, at) => {
    return (
      !segment.includes(anySegment) ||
      segment === anySegment ||
      (segment === anyRest && at === segments.length - 1)
    );
  });
}

/** Whether a pattern stands for a name, which is taken literally. A pattern without wildcards stands for itself. */
export function matchesPattern(pattern: string, name: string): boolean {
  return covers(pattern, name, (wanted, segment) => wanted === anySegment || wanted === segment);
}

/** Whether all that `requested` stands for (itself, if it is no pattern), `pattern` stands for too. */
export function coversPattern(pattern: string, requested: string): boolean {
  return covers(
    pattern,
    requested,
    (wanted, segment) => segment !== anyRest && (wanted === anySegment || wanted === segment),
  );
}

function covers(
  pattern: string,
  name: string,
  covering: (wanted: string, segment: string) => boolean,
): boolean {
  const wanted = pattern.split(divider);
  const segments = name.split(divider);
  const hasRest = wanted.at(-1) === anyRest;
  const fixed = hasRest ? wanted.length - 1 : wanted.length;
  if (hasRest ? segments.length <= fixed : segments.length !== fixed) return false;
  for (let at = 0; at < fixed; at++) {
    if (!covering(wanted[at] as string, segments[at] as string)) return false;
  }
  return true;
}

/**
 * A key by which patterns compare as strings: the greater one says more exactly what it stands for.
 * Segment for segment from the left, a literal beats `*`, and `*` beats `**`.
 */
export function specificity(pattern: string): string {
  let key = '';
  for (const segment of pattern.split(divider))
    key += segment === anyRest ? '0' : segment === anySegment ? '1' : '2';
  return key;
}
