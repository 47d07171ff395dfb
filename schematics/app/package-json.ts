import type { Tree } from '@angular-devkit/schematics';

const path = 'package.json';
const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** The parts of the app's package.json that matter here. */
export type PackageJson = Partial<Record<(typeof groups)[number], Record<string, string>>> & {
  readonly type?: string;
};

/** A package that the app is to depend on. */
export interface Dependency {
  readonly name: string;
  readonly range: string;
  readonly group: 'dependencies' | 'devDependencies';
}

/** @throws {Error} when there is none, or it is not JSON */
export function readPackageJson(tree: Tree): PackageJson {
  const text = tree.read(path)?.toString('utf8');
  if (text === undefined)
    throw new Error('No package.json here: run this in the root folder of a Nest application.');
  try {
    return JSON.parse(text) as PackageJson;
  } catch (cause) {
    throw new Error('package.json is not valid JSON.', { cause });
  }
}

/** The version range of a dependency of any kind. */
export function dependencyRange(packageJson: PackageJson, name: string): string | undefined {
  return groups.map((group) => packageJson[group]?.[name]).find((range) => range !== undefined);
}

/**
 * Adds what the app does not depend on yet, in npm's order and the file's own indentation.
 *
 * Never changes the range of a dependency that is there.
 * @returns whether anything was missing
 */
export function addDependencies(tree: Tree, wanted: readonly Dependency[]): boolean {
  const packageJson = readPackageJson(tree);
  const missing = wanted.filter(({ name }) => dependencyRange(packageJson, name) === undefined);
  if (missing.length === 0) return false;
  for (const { name, range, group } of missing) {
    packageJson[group] = sortedByName({ ...packageJson[group], [name]: range });
  }
  const text = tree.readText(path);
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? '  ';
  const end = text.endsWith('\n') ? '\n' : '';
  tree.overwrite(path, JSON.stringify(packageJson, null, indent) + end);
  return true;
}

function sortedByName(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
