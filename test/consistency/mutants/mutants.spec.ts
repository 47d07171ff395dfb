import { runSchedules } from '../run-schedules.js';
import { mutants } from './mutants.js';

/** The first schedules of the same that show no failure without a defect. */
const schedules = { seed: 1, count: 500 };

describe('the schedules notice', () => {
  it.each(mutants)(
    '$name',
    async ({ name, install, defect }) => {
      const remove = install?.();
      try {
        const { failure, runs } = await runSchedules({ ...schedules, defect });
        process.stdout.write(
          `${name}: caught by ${failure?.name ?? 'none'} of ${runs}, ${failure?.violations[0] ?? ''}\n`,
        );
        expect(failure).toBeDefined();
      } finally {
        remove?.();
      }
    },
    300_000,
  );
});
