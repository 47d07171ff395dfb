import 'reflect-metadata';
import { config } from 'rxjs';
import { allDifferences } from './all-differences.js';
import { withoutWords } from './differences/difference.js';
import { isNest11 } from './nest12-transcripts.js';
import { platformWs } from './oracle/contender.js';
import { compatibleGatewire, gatewireWith } from './oracle/gatewire-contenders.js';
import { perform } from './oracle/perform.js';

// Under platform-ws some of these errors escape as uncaught exceptions, which end a process. Here they must not.
beforeAll(() => (config.onUnhandledError = () => undefined));
afterAll(() => (config.onUnhandledError = null));

describe.each(allDifferences.map((difference) => [difference.row, difference] as const))(
  '%s',
  (row, difference) => {
    const scenario = { ...difference.scenario, name: row };

    it('is so under platform-ws', async () => {
      const { platformWs: expected, platformWsOnNest11 = expected } = difference;
      expect(await perform(scenario, platformWs)).toEqual(isNest11 ? platformWsOnNest11 : expected);
    });

    it('differs under gatewire as the table says', async () => {
      const contender = gatewireWith('gatewire', difference.options ?? {});
      expect(withoutWords(await perform(scenario, contender))).toEqual(difference.gatewire);
    });

    it(`${difference.isKept ? 'differs' : 'does not differ'} with compatibility: platform-ws`, async () => {
      const expected = difference.isKept ? difference.gatewire : difference.platformWs;
      expect(await perform(scenario, compatibleGatewire)).toEqual(expected);
    });
  },
);
