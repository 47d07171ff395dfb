import type { SchematicContext, TaskConfiguration, Tree } from '@angular-devkit/schematics';

import { addDependencies, type Dependency } from './package-json.js';

/** The lock file tells the package manager; without one the host of the schematic chooses. */
const lockFiles = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'package-lock.json': 'npm',
} as const;

/** Adds dependencies to package.json and, if that changed anything, has them installed when the files are written. */
export function ensureInstalled(tree: Tree, context: SchematicContext, wanted: readonly Dependency[]): void {
  if (!addDependencies(tree, wanted)) return;
  context.addTask({ toConfiguration: () => installTask(tree) });
}

/** What the devkit's NodePackageInstallTask says, without the devkit: the schematics need no package at run time. */
function installTask(tree: Tree): TaskConfiguration {
  const lockFile = Object.entries(lockFiles).find(([name]) => tree.exists(name));
  return {
    name: 'node-package',
    options: { command: 'install', quiet: true, hideOutput: true, packageManager: lockFile?.[1] },
  };
}
