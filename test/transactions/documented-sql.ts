import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The statements that docs/transactions.md tells to run. */
export function documentedSql(dialect: 'sqlite' | 'postgres'): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/transactions.md'), 'utf8');
  const block = new RegExp(`\`\`\`sql\\n-- ${dialect}\\n(.*?)\`\`\``, 's').exec(text)?.[1];
  if (block === undefined) throw new Error(`no SQL for ${dialect} in docs/transactions.md`);
  return block.split(';').map((one) => one.trim()).filter((one) => one !== ''); // prettier-ignore
}
