import type { SourceFile } from 'typescript';

import { importDeclarations } from './import-declarations.js';

/** How a file is written, so that what is added to it looks like the rest. */
export interface CodeStyle {
  readonly quote: "'" | '"';
  /** What ends a statement: `;` or nothing. */
  readonly terminator: ';' | '';
  readonly lineBreak: '\n' | '\r\n';
  /** One level of indentation. */
  readonly indent: string;
}

/** Longest line that is written on one line; the print width of Nest's own templates. */
export const printWidth = 80;

/** Reads the style off the imports and the first indented line; what cannot be read is as Nest's templates have it. */
export function detectCodeStyle(file: SourceFile): CodeStyle {
  const imports = importDeclarations(file).map((declaration) => declaration.getText(file));
  const sample = imports[0];
  return {
    quote: sample?.includes('"') === true ? '"' : "'",
    terminator: sample !== undefined && !sample.endsWith(';') ? '' : ';',
    lineBreak: file.text.includes('\r\n') ? '\r\n' : '\n',
    indent: /^(\t+| {2,8})\S/m.exec(file.text)?.[1] ?? '  ',
  };
}

/** The whitespace that begins the line of `position`. */
export function indentationAt(text: string, position: number): string {
  const lineStart = text.lastIndexOf('\n', position - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, position))?.[0] ?? '';
}
