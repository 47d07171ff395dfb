import type { ContextId } from '@nestjs/core';

/** One method of one gateway instance: what enhancers are resolved for. */
export interface HandlerSite {
  readonly instance: object;
  readonly callback: (...args: any[]) => unknown;
  readonly methodName: string;
  /** The module that provides the gateway: its injectables are the enhancers. */
  readonly moduleKey: string;
  /** The gateway's provider: transient enhancers belong to it. */
  readonly inquirerId: string;
  /** Undefined for what lives as long as the application. */
  readonly contextId: ContextId | undefined;
}
