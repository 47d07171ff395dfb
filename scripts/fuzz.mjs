/**
 * `npm run fuzz`: every property of test/fuzz with a million inputs. `npm run fuzz -- --inputs 50000 --seed 7`.
 * `npm run fuzz -- --coverage`: whether what test/fuzz does by itself reaches the parsers of what peers send: it fails
 * below 95 % of the branches of any of them.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { root, run } from './shell.mjs';
import { withVmModules } from './vm-modules.mjs';

/** Inputs of a property in `npm test`. */
const unit = 10_000;
const enoughPercent = 95;
/** Whatever reads what a peer has sent. */
const parsers = [
  'lib/codecs/{cbor-scan,frame-walk,msgpack-scan,utf8}.ts',
  'lib/pipeline/stages/authentication/cookies.ts',
  'lib/protocol/{binary-frame,byte-ranges,check-envelope,decode-envelope,jose-header,json-depth,jwe-compact,jws-compact,subprotocol}.ts',
  'lib/transport/proxy-protocol/parse-*.ts',
];

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    coverage: { type: 'boolean', default: false },
  },
});
process.exitCode = values.coverage ? await coverage() : await fuzz();

function jest(args, env) {
  const command = ['node_modules/jest/bin/jest.js', 'test/fuzz', '--testTimeout=7200000', ...args];
  return run(process.execPath, command, { env: { ...withVmModules(), ...env }, mayFail: true });
}

async function fuzz() {
  const report = join(tmpdir(), `gatewire-fuzz-${process.pid}.jsonl`);
  const seed = values.seed === undefined ? {} : { GATEWIRE_SEED: values.seed };
  const code = await jest([], {
    GATEWIRE_FUZZ: String(Number(values.inputs) / unit),
    GATEWIRE_FUZZ_REPORT: report,
    ...seed,
  });
  const lines = readFileSync(report, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  rmSync(report);
  for (const { spec, property, inputs, ms } of lines)
    console.log(`${spec}: ${inputs} inputs in ${(ms / 60_000).toFixed(1)} min: ${property}`);
  return code;
}

async function coverage() {
  const directory = join(tmpdir(), `gatewire-fuzz-coverage-${process.pid}`);
  const code = await jest([
    '--coverage',
    '--coverageProvider=v8',
    '--coverageReporters=json-summary',
    `--coverageDirectory=${directory}`,
    ...parsers.map((glob) => `--collectCoverageFrom=${glob}`),
  ]);
  const { total, ...files } = JSON.parse(readFileSync(join(directory, 'coverage-summary.json'), 'utf8'));
  rmSync(directory, { recursive: true });
  const shares = Object.entries(files).map(([file, { branches }]) => [
    file.slice(root.length + 1),
    branches.pct,
  ]);
  for (const [file, percent] of shares)
    console.log(`${String(percent).padStart(6)} %  ${file}${percent < enoughPercent ? '  too little' : ''}`);
  console.log(`${String(total.branches.pct).padStart(6)} %  of all branches`);
  return code !== 0 || shares.some(([, percent]) => percent < enoughPercent) ? 1 : 0;
}
