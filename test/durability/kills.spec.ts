import { jest } from '@jest/globals';
import { runKills } from './run-kills.js';
import { smallestFailure } from './smallest-failure.js';

const kills = Number(process.env['GATEWIRE_KILLS'] ?? 25);
const seed = Number(process.env['GATEWIRE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

jest.setTimeout(240_000 + kills * 2_000);

it(`a server that is killed ${kills} times keeps what it has promised (seed ${seed})`, async () => {
  const report = await runKills({ seed, kills });
  process.stdout.write(`${JSON.stringify({ ...report, violations: report.violations.length })}\n`);
  if (report.violations.length > 0) {
    const { settings, report: smallest } = await smallestFailure({ seed, kills }, report);
    process.stdout.write(`the smallest that fails: ${JSON.stringify(settings)}\n`);
    expect(smallest.violations.slice(0, 10)).toEqual([]);
  }
  expect(report).toMatchObject({ kills });
  // A run that has not met what it is for proves nothing.
  expect(report.deathsInside).toBeGreaterThan(kills / 10);
  expect(report.resumes).toBeGreaterThan(kills);
  expect(report.repeatedEffects).toBeGreaterThan(0);
  expect(report.unknown).toBeGreaterThan(0);
});
