// One measurement: a fresh server, a fresh load, and what the server has spent meanwhile.
import { ServerProcess, startProcess } from './server-process.mjs';

let lastPort = 20_000 + (process.pid % 500) * 20;

/** Gives the numbers a row can be made of: perSecond and cpuMicros, or rssBytes and heapBytes per connection. */
export async function measure(server, { scenario, settings }, nodeArgs = []) {
  const port = ++lastPort;
  const isMemory = scenario === 'memory' || settings.isMemory === true;
  const process_ = await ServerProcess.start(server, port, nodeArgs);
  const load = startProcess(new URL('./load-process.mjs', import.meta.url), { cpu: 1 });
  const samples = {};
  try {
    const { count } = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('took longer than two minutes')), 120_000);
      load.on('message', async ({ phase, at, result, error }) => {
        if (phase !== undefined) {
          samples[phase] = { at, ...(await process_.ask(isMemory ? 'memory' : 'cpu')) };
          load.send({ go: true });
        }
        if (result !== undefined || error !== undefined) clearTimeout(timer);
        if (result !== undefined) resolve(result);
        if (error !== undefined) reject(new Error(error));
      });
      const isSigned = server.variant.endsWith(':signed');
      load.send({
        job: {
          scenario,
          settings: { ...settings, isSigned, client: server.client },
          port,
          dialect: server.dialect ?? 'json',
        },
      });
    });
    return isMemory ? perConnection(samples, count) : perMessage(samples, count);
  } finally {
    load.kill('SIGKILL');
    await process_.stop();
  }
}

function perMessage({ start, end }, count) {
  const cpu = end.cpu.user + end.cpu.system - start.cpu.user - start.cpu.system;
  const ms = end.at - start.at;
  return { perSecond: (count / ms) * 1000, cpuMicros: cpu / count, serverBusy: cpu / 1000 / ms };
}

function perConnection({ base, idle }, count) {
  const grown = (kind) => (idle.memory[kind] - base.memory[kind]) / count;
  return { rssBytes: grown('rss'), heapBytes: grown('heapUsed') };
}
