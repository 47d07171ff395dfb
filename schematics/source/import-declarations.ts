import type { ImportDeclaration, NamedImports, SourceFile } from 'typescript';

import { loadTypeScript } from './typescript.js';

/** The import declarations of a file, in order. */
export function importDeclarations(file: SourceFile): readonly ImportDeclaration[] {
  return file.statements.filter(loadTypeScript().isImportDeclaration);
}

/** What is between the quotes. */
export function specifierOf(declaration: ImportDeclaration): string {
  return (declaration.moduleSpecifier as unknown as { text: string }).text;
}

/** The `{ … }` of a declaration that imports values. */
export function namedImportsOf(declaration: ImportDeclaration): NamedImports | undefined {
  const clause = declaration.importClause;
  const bindings = clause?.namedBindings;
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Nest 11 apps have TypeScript 5, without phaseModifier
  if (clause?.isTypeOnly === true || bindings === undefined) return undefined;
  return loadTypeScript().isNamedImports(bindings) ? bindings : undefined;
}

/** Where a local name comes from, when it is imported (as a named or a default import). */
export function specifierOfImportedName(file: SourceFile, name: string): string | undefined {
  const origin = importDeclarations(file).find(
    (declaration) =>
      declaration.importClause?.name?.text === name ||
      namedImportsOf(declaration)?.elements.some((element) => element.name.text === name) === true,
  );
  return origin === undefined ? undefined : specifierOf(origin);
}

/** Whether relative imports of this file end in `.js`; undefined when it has none to tell by. */
export function importsWithExtension(file: SourceFile): boolean | undefined {
  const relative = importDeclarations(file)
    .map(specifierOf)
    .filter((specifier) => specifier.startsWith('.'));
  return relative.length === 0 ? undefined : relative.some((specifier) => specifier.endsWith('.js'));
}
