import type { Tree } from '@angular-devkit/schematics';

import { workspacePath } from './source-files.js';

/** Which application of the workspace is meant, as the Nest CLI says it. */
export interface ProjectSelection {
  /** Folder of the sources. The CLI passes it, also for `--project`. */
  readonly sourceRoot?: string | undefined;
  /** Name of a project in nest-cli.json. */
  readonly project?: string | undefined;
}

/** The chosen application. */
export interface Project {
  /** @default 'src' */
  readonly sourceRoot: string;
  /** Name of the file that bootstraps it, without extension. @default 'main' */
  readonly entryFile: string;
}

interface ProjectEntry {
  readonly sourceRoot?: string;
  readonly entryFile?: string;
}

interface NestCliJson extends ProjectEntry {
  readonly projects?: Readonly<Record<string, ProjectEntry>>;
}

/** Finds the application in nest-cli.json. @throws {Error} for a project that is not in it */
export function findProject(tree: Tree, selection: ProjectSelection): Project {
  const configuration = readNestCliJson(tree);
  const projects = configuration.projects ?? {};
  const named = selection.project === undefined ? undefined : projects[selection.project];
  if (selection.project !== undefined && named === undefined) {
    const known = Object.keys(projects).join(', ') || 'none';
    throw new Error(`nest-cli.json has no project "${selection.project}" (it has: ${known}).`);
  }
  const sourceRoot = workspacePath(
    given(selection.sourceRoot) ?? named?.sourceRoot ?? configuration.sourceRoot ?? 'src',
  );
  const owner =
    named ?? Object.values(projects).find((project) => isAt(project, sourceRoot)) ?? configuration;
  return { sourceRoot, entryFile: owner.entryFile ?? 'main' };
}

/** The CLI turns a source root that it does not know into the word "undefined". */
function given(value: string | undefined): string | undefined {
  return value === 'undefined' || value === '' ? undefined : value;
}

function isAt(project: ProjectEntry, sourceRoot: string): boolean {
  return project.sourceRoot !== undefined && workspacePath(project.sourceRoot) === sourceRoot;
}

function readNestCliJson(tree: Tree): NestCliJson {
  const text = tree.read('nest-cli.json')?.toString('utf8');
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as NestCliJson;
  } catch (cause) {
    throw new Error('nest-cli.json is not valid JSON.', { cause });
  }
}
