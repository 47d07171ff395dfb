/**
 * Columns as they are read, named as they are: a damaged file may have a text in the place of a number, or one that is none
 * at all. What sorts says whose, so that SQLite takes the index and not what was cast.
 */
export const numbers = (...names: string[]): string =>
  names.map((name) => `CAST(${name} AS INTEGER) AS ${name}`).join(', ');

export const bytes = (...names: string[]): string =>
  names.map((name) => `CAST(${name} AS BLOB) AS ${name}`).join(', ');
