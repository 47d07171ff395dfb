import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
/** What npm would install beside the package, and what the test's programs use. */
const linked = [
  ...Object.keys(dependencies),
  ...['@nestjs', 'reflect-metadata', 'rxjs', 'msgpackr', 'cbor-x', 'libsql', '@types/node', '@types/ws'],
];
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const compilerOptions =
  '--noEmit --strict --module nodenext --target es2023 --types node --experimentalDecorators --emitDecoratorMetadata --skipLibCheck --exactOptionalPropertyTypes'.split(
    ' ',
  );

/** An app in a temporary folder that has the package as npm would unpack it, and links to its peers. */
export class PackedApp {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatewire-app-'));
  /** Paths in the tarball. */
  readonly files: readonly string[];

  constructor() {
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], { cwd: root });
    const report = execFileSync(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder],
      {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const [tarball] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }];
    this.files = tarball.files.map(({ path }) => path);
    this.#install(tarball.filename);
    cpSync(join(import.meta.dirname, 'programs'), this.folder, { recursive: true });
  }

  /** Runs one of the programs beside this file as a user would; gives what it prints as JSON. */
  run(program: string): unknown {
    const printed = execFileSync(process.execPath, [join(this.folder, program)], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    });
    return JSON.parse(printed);
  }

  /** What the strict compiler says about a program of this folder; nothing when it is content. */
  compile(program: string): string {
    const { stdout } = spawnSync(process.execPath, [compiler, ...compilerOptions, program], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #install(tarball: string): void {
    const packages = join(this.folder, 'node_modules');
    mkdirSync(join(packages, 'gatewire'), { recursive: true });
    execFileSync('tar', [
      '-xzf',
      join(this.folder, tarball),
      '-C',
      join(packages, 'gatewire'),
      '--strip-components=1',
    ]);
    for (const peer of linked) {
      mkdirSync(dirname(join(packages, peer)), { recursive: true });
      symlinkSync(join(root, 'node_modules', peer), join(packages, peer));
    }
  }
}
