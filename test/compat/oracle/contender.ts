import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Scenario } from './scenario.js';

/** Who performs a scenario. */
export interface Contender {
  readonly name: string;
  /** Modules that the application imports. */
  imports(scenario: Scenario): NonNullable<ModuleMetadata['imports']>;
  /** What `main.ts` does with the application. */
  adapt(app: INestApplication, scenario: Scenario): void;
}

/** Nest's own adapter: what is right. */
export const platformWs: Contender = {
  name: 'platform-ws',
  imports: () => [],
  adapt: (app, { messageParser, laterMessageParser }) => {
    const adapter = new WsAdapter(app, messageParser && { messageParser: messageParser });
    if (laterMessageParser) adapter.setMessageParser(laterMessageParser);
    app.useWebSocketAdapter(adapter);
  },
};
