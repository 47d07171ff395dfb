import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Notes the result of one test run, where several are summed up: the file is named by GATEWIRE_TALLY. */
export function noteResult(passed, failed) {
  if (process.env.GATEWIRE_TALLY) appendFileSync(process.env.GATEWIRE_TALLY, `${passed} ${failed}\n`);
}

/** Prints the sum of the noted results on a line of its own. */
export function printTally() {
  const file = process.env.GATEWIRE_TALLY;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const sum = (column) => lines.reduce((total, line) => total + Number(line.split(' ')[column]), 0);
  console.log(`${sum(0)} passed, ${sum(1)} failed`);
}
