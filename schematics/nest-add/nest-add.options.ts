import type { ProjectSelection } from '../app/workspace.js';

/** What `nest add gatewire` passes, and what may stand behind it: `nest add gatewire --gateway=chat`. */
export interface NestAddOptions extends ProjectSelection {
  /** The root module. @default the one that the entry file gives to `NestFactory` */
  readonly module?: string | undefined;
  /** Name of the first gateway. @default 'events' */
  readonly gateway?: string | undefined;
  /** Whether the first gateway gets a spec. @default true */
  readonly spec?: boolean | undefined;
  /** @default 'spec' */
  readonly specFileSuffix?: string | undefined;
}
