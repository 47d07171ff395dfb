import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { storeProgram } from '../../support/store-program.js';

/** The program of a thread, but that it ends as soon as it is asked for something of this name. */
export function mortalProgram(folder: string, worker: string, column: 'log' | 'name', name: string): string {
  const program = join(folder, 'mortal.mjs');
  const rooms = join(storeProgram(), 'store/sqlite');
  const lines = [
    `import { Transactions } from ${JSON.stringify(join(rooms, 'transactions.js'))};`,
    'const { run } = Transactions.prototype;',
    'Transactions.prototype.run = function (asks) {',
    `  if (asks.some((ask) => ask.${column} === ${JSON.stringify(name)})) {`,
    '    process.exit(3);',
    '    for (;;); // it ends here, and not a little later',
    '  }',
    '  return run.call(this, asks);',
    '};',
    `await import(${JSON.stringify(join(rooms, worker))});`,
  ];
  writeFileSync(program, lines.join('\n'));
  return program;
}
