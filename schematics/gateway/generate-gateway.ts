import type { SchematicContext, Tree } from '@angular-devkit/schematics';

import { editModule, importExtension } from '../app/edit-module.js';
import { ensureInstalled } from '../app/install.js';
import { findNamedModule, findNearestModule } from '../app/module-file.js';
import { nestMajor } from '../app/nest-version.js';
import { dependencyRange, readPackageJson } from '../app/package-json.js';
import { readSource, relativeSpecifier } from '../app/source-files.js';
import { findProject } from '../app/workspace.js';
import { gatewayDependencies, specDependencies } from './dependencies.js';
import { gatewayNames, type GatewayNames } from './gateway-names.js';
import type { GatewayOptions } from './gateway.options.js';
import { dtoTemplate } from './templates/dto.template.js';
import { gatewayTemplate } from './templates/gateway.template.js';
import { specTemplate } from './templates/spec.template.js';
import type { TemplateContext } from './templates/template-context.js';

/**
 * Creates a gateway, its DTO and its spec, and has a module provide it.
 *
 * @returns the paths of the files created or changed
 * @throws {Error} when a file of the same name exists, or the options cannot be met; nothing is written then
 */
export function generateGateway(
  tree: Tree,
  context: SchematicContext,
  options: GatewayOptions,
): readonly string[] {
  if ((options.language ?? 'ts') !== 'ts') {
    throw new Error(
      `gatewire generates TypeScript, and this application's language is "${options.language}".`,
    );
  }
  const { sourceRoot } = findProject(tree, options);
  const names = gatewayNames(options, sourceRoot);
  const major = nestMajor(tree);
  const module = options.skipImport === true ? undefined : findModule(tree, options, names, sourceRoot);

  const files = renderFiles(tree, names, options.spec !== false, module);
  refuseToOverwrite(tree, Object.keys(files));
  for (const [path, content] of Object.entries(files)) tree.create(path, content);
  if (module !== undefined) provideIn(tree, module, names);
  const needed = [...gatewayDependencies(major), ...(options.spec === false ? [] : specDependencies)];
  ensureInstalled(tree, context, needed);
  return module === undefined ? Object.keys(files) : [...Object.keys(files), module];
}

function findModule(tree: Tree, { module }: GatewayOptions, { folder }: GatewayNames, sourceRoot: string) {
  if (module !== undefined) return findNamedModule(tree, module, [folder, sourceRoot, '']);
  return findNearestModule(tree, folder);
}

function renderFiles(tree: Tree, names: GatewayNames, withSpec: boolean, module: string | undefined) {
  const { gatewayFile, dtoFile, specFile } = names;
  const extension = importExtension(tree, module === undefined ? '' : readSource(tree, module));
  const context: TemplateContext = {
    ...names,
    gatewayImport: relativeSpecifier(specFile, gatewayFile, extension),
    dtoImport: relativeSpecifier(gatewayFile, dtoFile, extension),
    validates: hasClassValidator(tree),
  };
  return {
    [`${gatewayFile}.ts`]: gatewayTemplate(context),
    [`${dtoFile}.ts`]: dtoTemplate(context),
    ...(withSpec && { [specFile]: specTemplate(context) }),
  };
}

function hasClassValidator(tree: Tree): boolean {
  const packageJson = readPackageJson(tree);
  return ['class-validator', 'class-transformer'].every(
    (name) => dependencyRange(packageJson, name) !== undefined,
  );
}

function refuseToOverwrite(tree: Tree, paths: readonly string[]): void {
  const existing = paths.filter((path) => tree.exists(path));
  if (existing.length > 0) {
    throw new Error(
      `Nothing was written, because of existing files: ${existing.join(', ')}. Choose another name.`,
    );
  }
}

function provideIn(tree: Tree, module: string, { gatewayClass, gatewayFile }: GatewayNames): void {
  editModule(tree, module, {
    property: 'providers',
    expression: gatewayClass,
    name: gatewayClass,
    from: { file: gatewayFile },
  });
}
