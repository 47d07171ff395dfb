import type { GatewireOptions } from '../../../lib/index.js';
import type { Scenario, Transcript } from '../oracle/scenario.js';

/** A place where gatewire does something else than platform-ws, on purpose. */
export interface Difference {
  /** First column of the table `docs/MIGRATION.md#differences`. */
  readonly row: string;
  readonly scenario: Omit<Scenario, 'name'>;
  /** What makes the difference visible in a short time. */
  readonly options?: GatewireOptions;
  /** The one that `compatibility: 'platform-ws'` keeps. */
  readonly isKept?: boolean;
  readonly platformWs: Transcript;
  /** Where platform-ws of Nest 11 does something else again; gatewire does as on Nest 12. */
  readonly platformWsOnNest11?: Transcript;
  readonly gatewire: Transcript;
}

/** How `exception` events of gatewire's own look; the words of their messages are free to change. */
export const refused = (code: string): string =>
  `text {"event":"exception","data":{"status":"error","message":"…","code":"${code}"}}`;

/** Takes the words out of messages and reasons that stand beside a code of gatewire's own. */
export function withoutWords({ clients, calls }: Transcript): Transcript {
  const blur = (line: string): string =>
    line
      .replace(/"message":"(?:[^"\\]|\\.)*","code"/, '"message":"…","code"')
      .replace(/^(close (?:1001|44\d\d)) .+/, '$1 …');
  return { clients: clients.map((lines) => lines.map(blur)), calls };
}
