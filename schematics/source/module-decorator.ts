import type { CallExpression, ClassDeclaration, Node, SourceFile } from 'typescript';

import { loadTypeScript } from './typescript.js';

/**
 * The call `Module(…)` that decorates a class of the file.
 *
 * @param className which class, when the file may hold several modules; by default the first module
 */
export function findModuleDecorator(file: SourceFile, className?: string): CallExpression | undefined {
  const modules = classesOf(file)
    .map((declaration) => ({ name: declaration.name?.text, call: moduleCallOf(declaration) }))
    .filter(({ call }) => call !== undefined);
  const named = modules.find(({ name }) => name === className);
  return (named ?? modules[0])?.call;
}

function classesOf(file: SourceFile): readonly ClassDeclaration[] {
  return file.statements.filter(loadTypeScript().isClassDeclaration);
}

function moduleCallOf(declaration: ClassDeclaration): CallExpression | undefined {
  const ts = loadTypeScript();
  return ts
    .getDecorators(declaration)
    ?.map((decorator) => decorator.expression)
    .filter(ts.isCallExpression)
    .find((call) => calledName(call.expression) === 'Module');
}

function calledName(callee: Node): string | undefined {
  const ts = loadTypeScript();
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isIdentifier(callee) ? callee.text : undefined;
}
