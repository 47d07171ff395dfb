import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const config = join(root, '.dependency-cruiser.cjs');

interface CruiseSummary {
  totalCruised: number;
  violations: { rule: { name: string }; from: string; to: string }[];
}

/** Checks the `lib` folder inside `directory` by the project's rules; gives `rule: from → to` of what breaks them. */
export async function cruise(directory = root): Promise<{ files: number; violations: string[] }> {
  const args = [program, '--config', config, '--output-type', 'json', 'lib'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: directory,
    maxBuffer: 2 ** 26,
  }).catch((failed: unknown) => failed as { stdout: string });
  const { summary } = JSON.parse(stdout) as { summary: CruiseSummary };
  const violations = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return { files: summary.totalCruised, violations };
}
