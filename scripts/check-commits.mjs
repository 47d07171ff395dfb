/** Checks every commit message since the first; in a copy without history there is nothing to check. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './shell.mjs';

if (existsSync(join(root, '.git'))) {
  const [first] = execFileSync('git', ['rev-list', '--max-parents=0', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\n');
  process.exitCode = await run(process.execPath, ['node_modules/@commitlint/cli/cli.js', '--from', first], {
    mayFail: true,
  });
} else {
  console.log('no git history here: commit messages are not checked');
}
