/** Replaces the characters from `start` up to, not including, `end`. An insertion has `start === end`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits whose positions all refer to `source` as it is; they must not overlap. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  // From the end backwards, so that no edit moves the positions of those still to come.
  const fromTheEnd = [...edits].sort((a, b) => b.start - a.start);
  return fromTheEnd.reduce(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    source,
  );
}
