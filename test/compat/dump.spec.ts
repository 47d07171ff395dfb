import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { allScenarios } from './all-scenarios.js';
import { platformWs } from './oracle/contender.js';
import { perform } from './oracle/perform.js';

const out: Record<string, unknown> = {};
afterAll(() => writeFileSync(process.env['DUMP'] ?? '/tmp/compat-oracle.json', JSON.stringify(out, null, 1)));
it.each(allScenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
  out[name] = await perform(scenario, platformWs);
});
