import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { SchematicTestRunner } from '@angular-devkit/schematics/testing/index.js';
import { jest } from '@jest/globals';

// The devkit requires its spinner for installing, which no test does: it is an ES module, and Jest can require
// those only from Node 24.9 on.
jest.mock('ora', () => ({}));
/** The devkit's test kit. */
export const devkit = await import('@angular-devkit/schematics/testing/index.js');

const root = process.cwd();
const source = join(root, 'schematics');

/** A runner for the schematics as they are published: CommonJS, built by their own build script. */
export function schematicRunner(): SchematicTestRunner {
  return new devkit.SchematicTestRunner('gatewire', join(builtSchematics(), 'collection.json'));
}

/** Builds into a folder named by the sources' hash, so that spec files in parallel share one build. */
export function builtSchematics(): string {
  const target = join(root, '.cache', 'schematics', sourceHash());
  if (existsSync(target)) return target;
  const unfinished = `${target}-${process.pid}`;
  mkdirSync(resolve(target, '..'), { recursive: true });
  execFileSync(process.execPath, [join(source, 'build.mjs'), unfinished], { stdio: 'pipe' });
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another worker was first, with the same content.
    if (!existsSync(target)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return target;
}

function sourceHash(): string {
  const hash = createHash('sha256');
  const files = readdirSync(source, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}
