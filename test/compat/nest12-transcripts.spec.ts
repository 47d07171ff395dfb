import 'reflect-metadata';
import { allScenarios } from './all-scenarios.js';
import { isNest11, recordedTranscripts, recordTranscripts, reference } from './nest12-transcripts.js';
import type { Transcript } from './oracle/scenario.js';

describe('what platform-ws of Nest 12 does where Nest 11 differs', () => {
  it('is recorded as it is', async () => {
    const only12 = allScenarios.filter(({ asOnNest12 }) => asOnNest12 !== undefined);
    if (isNest11) return expect(Object.keys(recordedTranscripts())).toEqual(only12.map(({ name }) => name));
    const live: Record<string, Transcript> = {};
    for (const scenario of only12) live[scenario.name] = await reference(scenario);
    // `GATEWIRE_RECORD=1 npm test -- test/compat` writes the file anew.
    if (process.env['GATEWIRE_RECORD'] === '1') recordTranscripts(live);
    expect(recordedTranscripts()).toEqual(live);
  });
});
