// Where the time went, from V8's own profiles.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The functions with the most time of their own, for each profile in a folder. */
export function topFunctions(folder, count = 25) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) => `${file}\n${describe(JSON.parse(readFileSync(path.join(folder, file), 'utf8')), count)}`)
    .join('\n\n');
}

function describe({ nodes, samples, timeDeltas }, count) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = byId.get(id);
    if (functionName === '(idle)') return;
    const where = `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
    times.set(where, (times.get(where) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  });
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([where, time]) => `${((time / total) * 100).toFixed(1).padStart(6)} %  ${where}`)
    .join('\n');
}
