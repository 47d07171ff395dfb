import type { ProjectSelection } from '../app/workspace.js';

/** What `nest g -c gatewire gateway` passes; the names are those of Nest's own gateway schematic. */
export interface GatewayOptions extends ProjectSelection {
  /** With a folder if you like: `chat/room`. */
  readonly name: string;
  /** A folder below the source root. */
  readonly path?: string | undefined;
  readonly language?: string | undefined;
  /** The module that provides the gateway. @default the nearest one */
  readonly module?: string | undefined;
  readonly skipImport?: boolean | undefined;
  /** No folder of its own. @default true; the Nest CLI passes false */
  readonly flat?: boolean | undefined;
  /** @default true */
  readonly spec?: boolean | undefined;
  /** @default 'spec' */
  readonly specFileSuffix?: string | undefined;
  readonly format?: boolean | undefined;
}
