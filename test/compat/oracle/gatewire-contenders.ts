import { GatewireAdapter, GatewireModule, type GatewireOptions } from '../../../lib/index.js';
import type { Contender } from './contender.js';
import type { Scenario } from './scenario.js';

/** Without any option, as a new user has it. */
export const gatewire = gatewireWith('gatewire', {});

/** The mode that promises the same transcripts without exception. */
export const compatibleGatewire = gatewireWith('gatewire, compatibility: platform-ws', {
  compatibility: 'platform-ws',
});

/** With these options. */
export function gatewireWith(name: string, options: GatewireOptions): Contender {
  const needsAdapter = ({ messageParser, laterMessageParser }: Scenario): boolean =>
    messageParser !== undefined || laterMessageParser !== undefined;
  return {
    name,
    imports: (scenario) => (needsAdapter(scenario) ? [] : [GatewireModule.forRoot(options)]),
    adapt: (app, scenario) => {
      if (!needsAdapter(scenario)) return;
      const { messageParser, laterMessageParser } = scenario;
      const adapter = new GatewireAdapter(app, messageParser ? { ...options, messageParser } : options);
      if (laterMessageParser) adapter.setMessageParser(laterMessageParser);
      app.useWebSocketAdapter(adapter);
    },
  };
}
