import { runSchedules, shrunk } from './run-schedules.js';
it('runs', async () => {
  const t = Date.now();
  const c = process.cpuUsage();
  const report = await runSchedules({ seed: Number(process.env['SEED'] ?? 1), count: Number(process.env['COUNT'] ?? 20) });
  process.stdout.write(report.summary() + `\n${(Date.now() - t) / report.runs} ms each, cpu ${process.cpuUsage(c).user/1000/report.runs}\n` + report.table() + '\nmissing ' + report.missing.join(' ') + '\n');
  if (report.failure) {
    process.stdout.write(JSON.stringify(report.failure.violations, null, 1) + '\n' + report.failure.name + '\n');
    if (process.env['SHRINK']) process.stdout.write((await shrunk(report.failure)) + '\n');
  }
  await new Promise((r) => setTimeout(r, 300));
  for (const h of (process as any)._getActiveHandles()) process.stdout.write('HANDLE ' + h.constructor.name + ' ' + (h.remotePort ?? '') + ' ' + h.readyState + h.connecting + '\n');
}, 600_000);
