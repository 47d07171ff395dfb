// The load: a process of its own, so that the server is the bottleneck. One job per process, by IPC.
import { dialects } from './dialects.mjs';

let sampled = () => undefined;

/** The orchestrator looks at the server, then says go. */
const sample = (phase) =>
  new Promise((resolve) => {
    sampled = resolve;
    process.send({ phase, at: Number(process.hrtime.bigint()) / 1e6 });
  });

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ job, go }) => {
  if (go) return sampled();
  try {
    const scenario = await import(`../scenarios/${job.scenario}.mjs`);
    const target = { port: job.port, dialect: dialects[job.dialect] };
    process.send({ result: await scenario.run({ ...scenario.defaults, ...job.settings, target }, sample) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
