import { groupSize, replay, type Report, runSchedules, shrunk } from './run-schedules.js';

/** Schedules of one spec file; `npm run consistency` asks for more, from other seeds. */
const count = Number(process.env['GATEWIRE_SCHEDULES'] ?? 1_000);
const firstSeed = Number(process.env['GATEWIRE_SEED'] ?? 1);
/** The only schedule to run, by its name; undefined: all. */
const only = process.env['GATEWIRE_SCHEDULE'];
/** After so many schedules a long run says how far it is. */
const progressStep = 1_000;

/** Runs one part of all schedules, prints what they have met, and expects that all is well. */
export async function expectSchedules(share: number): Promise<void> {
  if (only !== undefined) return expectNoFailure(await replay(only));
  const seed = firstSeed + share * 1_000_000;
  const startedAt = Date.now();
  const seconds = (): string => ((Date.now() - startedAt) / 1_000).toFixed(0);
  const ran = ({ runs }: Report): void => {
    if (runs % progressStep === 0 && runs < count)
      process.stdout.write(`${runs} of ${count} to seed ${seed + runs / groupSize - 1}, ${seconds()} s\n`);
  };
  const report = await runSchedules({ seed, count, ran });
  process.stdout.write(
    `seeds ${seed} to ${seed + Math.ceil(count / groupSize) - 1}: ${report.summary()}, ${seconds()} s\n${report.table()}\n`,
  );
  await expectWell(report);
}

async function expectNoFailure({ failure }: Report): Promise<void> {
  if (failure !== undefined)
    throw new Error(`schedule ${failure.name}: ${failure.violations.join('; ')}\n${await shrunk(failure)}`);
}

async function expectWell(report: Report): Promise<void> {
  await expectNoFailure(report);
  expect(report.leastOperations).toBeGreaterThanOrEqual(30);
  expect(report.leastFaults).toBeGreaterThanOrEqual(3);
  // What could be kept was kept: resumed and recovered is the rule, not the exception.
  expect(report.recoveries).toBeGreaterThan(report.opens / 4);
  expect(report.resumes).toBeGreaterThan(report.recoveries);
  // Every fault can be brought about in every state, by chance or by an ambush: none is left out.
  expect(report.missing).toEqual([]);
}
