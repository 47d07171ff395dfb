import type { Tree } from '@angular-devkit/schematics';

import { addImport } from '../source/add-import.js';
import { addToModule, type ModuleEntry } from '../source/add-to-module.js';
import { importsWithExtension } from '../source/import-declarations.js';
import { parseSource } from '../source/typescript.js';
import { readPackageJson } from './package-json.js';
import { readSource, relativeSpecifier } from './source-files.js';

/** An element for a module, and where its class is imported from. */
export interface ModuleAddition extends ModuleEntry {
  /** Name of the class that is imported. */
  readonly name: string;
  /** A package, or `{ file }`: a file of the app, without extension. */
  readonly from: string | { readonly file: string };
}

/** Adds an element and its import to a module's file. @throws {Error} naming the file and what to write by hand */
export function editModule(tree: Tree, path: string, addition: ModuleAddition): void {
  const source = readSource(tree, path);
  const from =
    typeof addition.from === 'string'
      ? addition.from
      : relativeSpecifier(path, addition.from.file, importExtension(tree, source));
  try {
    tree.overwrite(path, addToModule(addImport(source, { name: addition.name, from }), addition));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${path} was left as it is, because ${reason}. ` +
        `Add to the ${addition.property} of your module: ${addition.expression} (from "${from}").`,
      { cause },
    );
  }
}

/** What relative imports end with: as in the file at hand, else as Node needs it for the app's kind of modules. */
export function importExtension(tree: Tree, source = ''): '.js' | '' {
  const withExtension = importsWithExtension(parseSource(source)) ?? readPackageJson(tree).type === 'module';
  return withExtension ? '.js' : '';
}
