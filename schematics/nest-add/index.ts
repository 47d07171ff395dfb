import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';

import { editModule } from '../app/edit-module.js';
import { ensureInstalled } from '../app/install.js';
import { nestMajor } from '../app/nest-version.js';
import { findRootModule } from '../app/root-module.js';
import { findProject, type Project } from '../app/workspace.js';
import { gatewayDependencies } from '../gateway/dependencies.js';
import { generateGateway } from '../gateway/generate-gateway.js';
import { findExistingUse } from './existing-use.js';
import type { NestAddOptions } from './nest-add.options.js';

/**
 * `nest add gatewire`: imports the module in the root module and, where there is no gateway yet, creates a first one.
 *
 * What is there already stays as it is, so that a second run changes nothing.
 */
export default function nestAdd(options: NestAddOptions): Rule {
  return (tree, context) => {
    const major = nestMajor(tree);
    const project = findProject(tree, options);
    const use = findExistingUse(tree, project.sourceRoot);

    if (!use.isSetUp) importModule(tree, project, options);
    if (use.hasGateway) ensureInstalled(tree, context, gatewayDependencies(major));
    else createFirstGateway(tree, context, project, options);

    if (use.otherAdapterIn !== undefined) {
      context.logger.warn(
        `${use.otherAdapterIn} calls useWebSocketAdapter() with another adapter, which takes gatewire's place: remove it.`,
      );
    }
  };
}

function importModule(tree: Tree, project: Project, options: NestAddOptions): void {
  const { path, className } = findRootModule(tree, project, options.module);
  editModule(tree, path, {
    property: 'imports',
    // Both are off by default, for apps that come from platform-ws; a new app wants them on.
    expression: 'GatewireModule.forRoot({ guardConnections: true, globalFilters: true })',
    name: 'GatewireModule',
    from: 'gatewire',
    className,
  });
}

function createFirstGateway(
  tree: Tree,
  context: SchematicContext,
  project: Project,
  options: NestAddOptions,
): void {
  generateGateway(tree, context, {
    name: options.gateway ?? 'events',
    sourceRoot: project.sourceRoot,
    flat: false,
    module: findRootModule(tree, project, options.module).path,
    spec: options.spec,
    specFileSuffix: options.specFileSuffix,
  });
}
