import 'reflect-metadata';
import { allScenarios } from './all-scenarios.js';
import { reference } from './nest12-transcripts.js';
import { compatibleGatewire, gatewire } from './oracle/gatewire-contenders.js';
import { perform } from './oracle/perform.js';

describe.each([gatewire, compatibleGatewire].map((contender) => [contender.name, contender] as const))(
  '%s does as platform-ws',
  (_name, contender) => {
    it.each(allScenarios.map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      async (_scenario, scenario) => {
        const expected = await reference(scenario);
        expect(await perform(scenario, contender)).toEqual(expected);
      },
    );
  },
);
