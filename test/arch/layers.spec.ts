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
  const house = mkdtempSync(join(tmpdir(), 'gatewire-layers-'));
  let violations: readonly string[];

  beforeAll(async () => {
    cpSync(join(import.meta.dirname, '../../tsconfig.json'), join(house, 'tsconfig.json'));
    for (const [path, source] of Object.entries(planted)) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), `${source}\n`);
    }
    ({ violations } = await cruise(house));
  });

  afterAll(() => {
    rmSync(house, { recursive: true, force: true });
  });

  it.each([
    ['an import upwards', 'room-protocol: lib/protocol/upwards.ts → lib/server/plain.ts'],
    ['an import sideways', 'room-pipeline: lib/pipeline/sideways.ts → lib/rooms/plain.ts'],
    ['a barrel', 'no-barrel: lib/server/barrel.ts → lib/protocol/index.ts'],
    ['the public door', 'no-barrel: lib/nest/door.ts → lib/index.ts'],
    ['a room without a number', 'no-unnumbered-room: lib/nest/unnumbered.ts → lib/misc/plain.ts'],
    ['a cycle that is made of types alone', 'no-cycle: lib/rooms/cycle-back.ts → lib/rooms/cycle.ts'],
    ['a Node module in a room that browsers load', 'isomorphic: lib/routing/node.ts → crypto'],
  ])('finds %s', (_, violation) => {
    expect(violations).toContain(violation);
  });

  it('lets a file import its own room and lower ones', () => {
    expect(violations.filter((violation) => violation.includes('allowed'))).toEqual([]);
  });
});

/** Each file breaks one rule, by a type, except those named plain and allowed. */
const planted = {
  'lib/index.ts': plain(),
  'lib/misc/plain.ts': plain(),
  'lib/nest/door.ts': importing('../index.js'),
  'lib/nest/unnumbered.ts': importing('../misc/plain.js'),
  'lib/pipeline/sideways.ts': importing('../rooms/plain.js'),
  'lib/protocol/index.ts': plain(),
  'lib/protocol/plain.ts': plain(),
  'lib/protocol/upwards.ts': importing('../server/plain.js'),
  'lib/rooms/cycle-back.ts': importing('./cycle.js'),
  'lib/rooms/cycle.ts': importing('./cycle-back.js'),
  'lib/rooms/plain.ts': plain(),
  'lib/routing/node.ts': `import { hash } from 'node:crypto';\nexport const digest = hash;`,
  'lib/server/allowed.ts': importing('../protocol/plain.js', './plain.js'),
  'lib/server/barrel.ts': importing('../protocol/index.js'),
  'lib/server/plain.ts': plain(),
};

function plain(): string {
  return 'export type Thing = 1;';
}

function importing(...specifiers: string[]): string {
  const imports = specifiers.map(
    (specifier, index) => `import type { Thing as T${index} } from '${specifier}';`,
  );
  return `${imports.join('\n')}\nexport type Thing = [${specifiers.map((_, index) => `T${index}`).join()}];`;
}
