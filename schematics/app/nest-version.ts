import type { Tree } from '@angular-devkit/schematics';

import { dependencyRange, readPackageJson } from './package-json.js';

const supported = [11, 12];

/**
 * The major version of Nest that the app runs on: the installed one, else what package.json asks for.
 *
 * @throws {Error} when it is no Nest app, or one that gatewire does not support
 */
export function nestMajor(tree: Tree): number {
  const range = dependencyRange(readPackageJson(tree), '@nestjs/core');
  if (range === undefined) {
    throw new Error(
      'package.json does not name @nestjs/core: run this in the root folder of a Nest application.',
    );
  }
  const major = installedMajor(tree) ?? majorOf(range) ?? Math.max(...supported);
  if (!supported.includes(major)) {
    throw new Error(
      `gatewire needs Nest ${supported.join(' or ')}; this application has @nestjs/core ${range}.`,
    );
  }
  return major;
}

function installedMajor(tree: Tree): number | undefined {
  const text = tree.read('node_modules/@nestjs/core/package.json')?.toString('utf8');
  return text === undefined ? undefined : majorOf((JSON.parse(text) as { version: string }).version);
}

/** Of a version or a range; undefined for `latest`, `workspace:*` and their like. */
function majorOf(range: string): number | undefined {
  const digits = /^\D{0,2}(\d+)(\.|$)/.exec(range)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
