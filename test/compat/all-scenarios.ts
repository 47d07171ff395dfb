import { filters } from './gateways/filters.js';
import { frames } from './gateways/frames.js';
import { guards } from './gateways/guards.js';
import { interceptors } from './gateways/interceptors.js';
import { leaving } from './gateways/leaving.js';
import { lifecycle } from './gateways/lifecycle.js';
import { messageParsers } from './gateways/message-parser.js';
import { modules } from './gateways/modules.js';
import { observables } from './gateways/observables.js';
import { ordering } from './gateways/ordering.js';
import { parameters } from './gateways/parameters.js';
import { paths } from './gateways/paths.js';
import { requestScope } from './gateways/request-scope.js';
import { returns } from './gateways/returns.js';
import { scopedEnhancers } from './gateways/scoped-enhancers.js';
import { serverOptions } from './gateways/server-options.js';
import { severalMethods } from './gateways/several-methods.js';
import { sharedPath } from './gateways/shared-path.js';
import { startStop } from './gateways/start-stop.js';
import { validation } from './gateways/validation.js';
import { wsSocket } from './gateways/ws-socket.js';
import type { Scenario } from './oracle/scenario.js';

/** Everything that must come out equal. */
export const allScenarios: readonly Scenario[] = [
  ...returns,
  observables,
  sharedPath,
  severalMethods,
  ...validation,
  ...frames,
  ...serverOptions,
  ...paths,
  ...guards,
  ...interceptors,
  ...filters,
  startStop,
  ordering,
  ...requestScope,
  ...scopedEnhancers,
  modules,
  parameters,
  ...lifecycle,
  ...leaving,
  ...wsSocket,
  ...messageParsers,
];
