import { OptionError } from '../../primitives/option-error.js';

/** How parameters are written: `?` or `$1`. */
export type SqlDialect = 'sqlite' | 'postgres';

type SqlValue = string | number;

/** A statement with its values. */
export interface SqlStatement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** The name of a table: becomes part of a statement as it is. */
export class SqlTable {
  readonly name: string;

  /** @throws {OptionError} */
  constructor(option: string, name: unknown) {
    if (typeof name !== 'string' || !/^[A-Za-z_][\w.]{0,100}$/.test(name))
      throw new OptionError(
        option,
        'the name of a table: letters, digits, "_", and "." after a schema',
        name,
      );
    this.name = name;
  }
}

/** Makes statements of templates: values become parameters, lists of them parameters with commas between. */
export function sqlOf(dialect: SqlDialect) {
  return (
    parts: TemplateStringsArray,
    ...inserts: readonly (SqlTable | SqlValue | readonly SqlValue[])[]
  ): SqlStatement => {
    const values: SqlValue[] = [];
    const place = (value: SqlValue): string => {
      values.push(value);
      return dialect === 'sqlite' ? '?' : `$${values.length}`;
    };
    const written = inserts.map((insert) => {
      if (insert instanceof SqlTable) return insert.name;
      return typeof insert === 'object' ? insert.map(place).join(', ') : place(insert);
    });
    return { text: String.raw({ raw: parts }, ...written), values };
  };
}
