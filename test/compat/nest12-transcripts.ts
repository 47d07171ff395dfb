import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { platformWs } from './oracle/contender.js';
import { perform } from './oracle/perform.js';
import type { Scenario, Transcript } from './oracle/scenario.js';

const file = fileURLToPath(new URL('nest12-transcripts.json', import.meta.url));

/** Whether this run is on Nest 11 (`npm run test:nest11`). */
export const isNest11 = process.env['GATEWIRE_NEST'] === '11';

/** What platform-ws of Nest 12 does, for the scenarios that Nest 11 plays differently. */
export function recordedTranscripts(): Record<string, Transcript> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Transcript>) : {};
}

export function recordTranscripts(transcripts: Record<string, Transcript>): void {
  writeFileSync(file, `${JSON.stringify(transcripts, null, 2)}\n`);
}

/** What is right: platform-ws, live; on Nest 11, where gatewire does as Nest 12, what platform-ws did there. */
export async function reference(scenario: Scenario): Promise<Transcript> {
  if (!isNest11 || scenario.asOnNest12 === undefined) return perform(scenario, platformWs);
  const recorded = recordedTranscripts()[scenario.name];
  if (recorded === undefined) throw new Error(`not recorded on Nest 12: ${scenario.name}`);
  return recorded;
}
