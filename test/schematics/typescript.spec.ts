import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { builtSchematics } from './built-collection.js';

/** A folder outside this checkout, whose compiler would be found otherwise. */
let app: string;

beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'gatewire-typescript-'));
  cpSync(builtSchematics(), join(app, 'node_modules/gatewire/dist/schematics'), { recursive: true });
});

afterEach(() => {
  rmSync(app, { recursive: true });
});

function install(path: string, content: string): void {
  const folder = join(app, 'node_modules', path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: path, version: '1.0.0' }));
  writeFileSync(join(folder, 'index.js'), content);
}

/** Loads the compiler in a process of its own; gives the name that the one found has. */
function loadedCompiler(): string {
  const file = join(app, 'node_modules/gatewire/dist/schematics/source/typescript.js');
  const code = `try { console.log(require(${JSON.stringify(file)}).loadTypeScript().name) } catch (e) { console.log(e.message) }`;
  return execFileSync(process.execPath, ['-e', code], { cwd: app, encoding: 'utf8' }).trim();
}

const withApi = (name: string) => `module.exports = { name: '${name}', createSourceFile() {} };`;

describe('the compiler that edits modules', () => {
  it('is that of the app', () => {
    install('typescript', withApi('that of the app'));
    install('@nestjs/cli', '');
    install('@nestjs/cli/node_modules/typescript', withApi('that of the CLI'));

    expect(loadedCompiler()).toBe('that of the app');
  });

  it("is that of the Nest CLI where the app's has no API, as TypeScript 7", () => {
    install('typescript', 'module.exports = { version: "7.0.2" };');
    install('@nestjs/cli', '');
    install('@nestjs/cli/node_modules/typescript', withApi('that of the CLI'));

    expect(loadedCompiler()).toBe('that of the CLI');
  });

  it('is asked for when there is none', () => {
    expect(loadedCompiler()).toContain('Install it with "npm install --save-dev typescript@6".');
  });
});
