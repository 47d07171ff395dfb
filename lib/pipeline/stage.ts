import type { NamedPhase } from './compose-stages.js';
import type { GatewayMiddleware, MiddlewareFactory, OutboundPhase, StageHost } from './middleware.js';

/** One use of a middleware, with the name it has in the printed composition. */
export interface Stage {
  readonly name: string;
  readonly middleware: GatewayMiddleware;
}

/** What can stand in a pipeline. */
export type StageSource = GatewayMiddleware | MiddlewareFactory | Stage;

/** Makes a stage of what was given. */
export function toStage(source: StageSource, host: StageHost): Stage {
  if ('middleware' in source) return source;
  if (isFactory(source)) return { name: source.name, middleware: source.create(host) };
  return { name: source.constructor.name, middleware: source };
}

/** The inbound phase of a stage, if it has one. */
export function inboundPhase({ name, middleware }: Stage): NamedPhase[] {
  return middleware.inbound === undefined ? [] : [{ name, phase: middleware.inbound.bind(middleware) }];
}

/** The outbound phase of a stage, if it has one. */
export function outboundPhase({ middleware }: Stage): OutboundPhase[] {
  return middleware.outbound === undefined ? [] : [middleware.outbound.bind(middleware)];
}

/** Whether a middleware has yet to be made. */
export function isFactory(source: object): source is MiddlewareFactory {
  return (
    Object.hasOwn(source, 'create') && typeof (source as Partial<MiddlewareFactory>).create === 'function'
  );
}
