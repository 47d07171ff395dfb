import type { SourceFile } from 'typescript';

import { appendMember } from './bracketed-list.js';
import { detectCodeStyle, type CodeStyle } from './code-style.js';
import { importDeclarations, namedImportsOf, specifierOf } from './import-declarations.js';
import { applyEdits, type TextEdit } from './text-edit.js';
import { loadTypeScript, parseSource } from './typescript.js';

/** A named import of a value. */
export interface NamedImport {
  readonly name: string;
  /** Module specifier, as it is to be written. */
  readonly from: string;
}

/**
 * Adds an import, in the style of the file; returns the text unchanged when it is there already.
 *
 * A name from a module that is already imported joins that import. Packages go below the last package,
 * files of the app below the last import.
 */
export function addImport(source: string, added: NamedImport): string {
  const file = parseSource(source);
  const existing = importDeclarations(file)
    .filter((declaration) => specifierOf(declaration) === added.from)
    .map(namedImportsOf)
    .find((named) => named !== undefined);
  if (
    existing?.elements.some((element) => (element.propertyName ?? element.name).text === added.name) === true
  ) {
    return source;
  }
  const style = detectCodeStyle(file);
  const edit =
    existing === undefined
      ? newDeclaration(file, added, style)
      : appendMember(file, { node: existing, members: existing.elements }, added.name, style);
  return applyEdits(source, [edit]);
}

function newDeclaration(file: SourceFile, { name, from }: NamedImport, style: CodeStyle): TextEdit {
  const statement = `import { ${name} } from ${style.quote}${from}${style.quote}${style.terminator}`;
  const declarations = importDeclarations(file);
  const isFile = from.startsWith('.');
  const above = declarations
    .filter((declaration) => isFile || !specifierOf(declaration).startsWith('.'))
    .at(-1);
  if (above !== undefined) {
    const end = above.getEnd();
    const position = loadTypeScript().getTrailingCommentRanges(file.text, end)?.at(-1)?.end ?? end;
    return { start: position, end: position, text: style.lineBreak + statement };
  }
  const first = declarations[0]?.getStart(file) ?? file.statements[0]?.getStart(file) ?? 0;
  const gap = declarations.length === 0 ? style.lineBreak : '';
  return { start: first, end: first, text: statement + style.lineBreak + gap };
}
