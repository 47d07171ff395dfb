import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const page = read('../../../docs/transactions.md');
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\/\/.*/, '').trim())
    .filter((line) => line !== '');

/** The first block in a language after the heading of Prisma. */
function documented(language: string): string {
  const block = new RegExp(`\\n## Prisma\\n.*?\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (block === undefined) throw new Error(`no ${language} under Prisma in docs/transactions.md`);
  return block;
}

it('runs the handler that docs/transactions.md has for Prisma', () => {
  const handler = documented('ts').slice(documented('ts').indexOf('@RecordOutcome'));
  expect(lines(read('orders.gateway.ts')).join('\n')).toContain(lines(handler).join('\n'));
});

it('makes the tables by the models that docs/transactions.md has for Prisma', () => {
  expect(lines(read('schema.prisma')).join('\n')).toContain(lines(documented('prisma')).join('\n'));
});

it('has a client of this schema, and of the version of Prisma that runs it', () => {
  const generated = read('generated/internal/class.ts');
  expect(generated).toContain(`"inlineSchema": ${JSON.stringify(read('schema.prisma'))}`);
  const { version } = createRequire(import.meta.url)('@prisma/client/package.json') as { version: string };
  expect(generated).toContain(`"clientVersion": "${version}"`);
});
