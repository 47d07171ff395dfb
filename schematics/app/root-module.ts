import { posix } from 'node:path';

import type { CallExpression, Node, SourceFile } from 'typescript';
import type { Tree } from '@angular-devkit/schematics';

import { specifierOfImportedName } from '../source/import-declarations.js';
import { loadTypeScript, parseSource } from '../source/typescript.js';
import { findNamedModule } from './module-file.js';
import { readSource, workspacePath } from './source-files.js';
import type { Project } from './workspace.js';

/** The module that an application is created from. */
export interface RootModule {
  readonly path: string;
  /** Its class, when the entry file tells it. */
  readonly className?: string | undefined;
}

/**
 * Finds the module that the entry file gives to `NestFactory`; else `app.module.ts`.
 *
 * @param named a module that the user names instead
 * @throws {Error} when there is none, saying where it was looked for
 */
export function findRootModule(tree: Tree, project: Project, named?: string): RootModule {
  const { sourceRoot, entryFile } = project;
  if (named !== undefined) return { path: findNamedModule(tree, named, [sourceRoot, '']) };

  const entry = workspacePath(sourceRoot, `${entryFile}.ts`);
  const bootstrapped = tree.exists(entry) ? bootstrappedModule(tree, entry) : undefined;
  if (bootstrapped !== undefined) return bootstrapped;

  const conventional = workspacePath(sourceRoot, 'app.module.ts');
  if (tree.exists(conventional)) return { path: conventional };
  throw new Error(
    `No root module found: ${entry} does not lead to one, and there is no ${conventional}. ` +
      'Name it with --module=<path>, or the application with --project=<name>.',
  );
}

function bootstrappedModule(tree: Tree, entry: string): RootModule | undefined {
  const file = parseSource(readSource(tree, entry));
  const className = createdModule(file);
  if (className === undefined) return undefined;
  const specifier = specifierOfImportedName(file, className);
  if (specifier === undefined) return { path: entry, className };
  const stem = workspacePath(posix.dirname(entry), specifier.replace(/\.[jt]s$/, ''));
  const path = `${stem}.ts`;
  // An import through a path alias or a barrel leads to no file: leave it to the convention.
  return specifier.startsWith('.') && tree.exists(path) ? { path, className } : undefined;
}

/** The first argument of `NestFactory.create(…)` and its variants. */
function createdModule(file: SourceFile): string | undefined {
  const ts = loadTypeScript();
  let found: string | undefined;
  const visit = (node: Node): void => {
    if (ts.isCallExpression(node) && isNestFactoryCall(node)) {
      const module = node.arguments[0];
      if (module !== undefined && ts.isIdentifier(module)) found ??= module.text;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isNestFactoryCall(call: CallExpression): boolean {
  const ts = loadTypeScript();
  const callee = call.expression;
  return (
    ts.isPropertyAccessExpression(callee) &&
    ts.isIdentifier(callee.expression) &&
    callee.expression.text === 'NestFactory' &&
    callee.name.text.startsWith('create')
  );
}
