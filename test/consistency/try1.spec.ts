import { schedulesOf } from './run-schedules.js';
import { World } from './world.js';
it('runs one', async () => {
  const [seed, at] = (process.env['NAME'] ?? '').split(':').map(Number) as [number, number];
  const schedule = schedulesOf(seed)[at]!;
  const r = await World.run(schedule, {}, true);
  process.stdout.write((r.trace ?? []).join('\n') + '\n' + JSON.stringify(r.violations, null, 1) + '\n');
}, 20_000);
