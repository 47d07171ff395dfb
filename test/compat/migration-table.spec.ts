import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allDifferences } from './all-differences.js';
import { allScenarios } from './all-scenarios.js';

function rowsOfTable(): string[] {
  const page = readFileSync(join(process.cwd(), 'docs/MIGRATION.md'), 'utf8');
  const section = page.split('\n## Differences\n')[1]?.split(/\n#/)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) => (line.split('|')[1] as string).trim());
}

describe('docs/MIGRATION.md#differences', () => {
  it('has one row for each difference under test, and none besides', () => {
    const onNest11 = new Set(allScenarios.flatMap(({ asOnNest12 }) => asOnNest12 ?? []));
    expect(rowsOfTable()).toEqual(
      expect.arrayContaining([...allDifferences.map(({ row }) => row), ...onNest11]),
    );
    expect(rowsOfTable()).toHaveLength(allDifferences.length + onNest11.size);
  });
});
