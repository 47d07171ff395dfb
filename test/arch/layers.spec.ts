import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from './cruise.js';

describe('the layer rule', () => {
  it('holds in lib', async () => {
    const { files, violations } = await cruise();

    expect(files).toBeGreaterThan(50);
    expect(violations).toEqual([]);
  });
});

describe('the check of the layer rule', () => {
  let house: string;

  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), 'gatewire-layers-'));
    cpSync('tsconfig.json', join(house, 'tsconfig.json'));
  });

  afterEach(() => {
    rmSync(house, { recursive: true, force: true });
  });

  it('lets a file import its own room and lower ones', async () => {
    plant(
      'lib/server/drain.ts',
      `import { a } from './admission.js';\nimport { b } from '../protocol/envelope.js';\nexport const c = [a, b];`,
    );
    plant('lib/server/admission.ts', 'export const a = 1;');
    plant('lib/protocol/envelope.ts', 'export const b = 2;');

    expect((await cruise(house)).violations).toEqual([]);
  });

  it.each([
    [
      'an import upwards',
      'room-protocol',
      'lib/protocol/envelope.ts',
      '../server/drain.js',
      'lib/server/drain.ts',
    ],
    [
      'an import sideways',
      'room-pipeline',
      'lib/pipeline/lanes.ts',
      '../rooms/audience.js',
      'lib/rooms/audience.ts',
    ],
    ['a barrel', 'no-barrel', 'lib/server/drain.ts', '../protocol/index.js', 'lib/protocol/index.ts'],
    ['the public door', 'no-barrel', 'lib/nest/module.ts', '../index.js', 'lib/index.ts'],
    [
      'a room without a number',
      'no-unnumbered-room',
      'lib/nest/module.ts',
      '../misc/thing.js',
      'lib/misc/thing.ts',
    ],
  ])('finds %s, types included', async (_, rule, from, specifier, to) => {
    plant(to, 'export type Thing = 1;');
    plant(from, `import type { Thing } from '${specifier}';\nexport const thing: Thing = 1;`);

    expect((await cruise(house)).violations).toContain(`${rule}: ${from} → ${to}`);
  });

  it('finds a cycle that is made of types alone', async () => {
    plant('lib/rooms/a.ts', `import type { B } from './b.js';\nexport type A = B[];`);
    plant('lib/rooms/b.ts', `import type { A } from './a.js';\nexport type B = A[];`);

    expect((await cruise(house)).violations).toContain('no-cycle: lib/rooms/a.ts → lib/rooms/b.ts');
  });

  it('finds a Node module in a room that browsers load', async () => {
    plant('lib/routing/room-name.ts', `import { hash } from 'node:crypto';\nexport const h = hash;`);

    expect((await cruise(house)).violations).toEqual(['isomorphic: lib/routing/room-name.ts → crypto']);
  });

  function plant(path: string, source: string): void {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), `${source}\n`);
  }
});
