import type { GatewayMiddleware } from '../pipeline/middleware.js';
import type { MessageHandler } from '../pipeline/message-handler.js';
import type { Stage } from '../pipeline/stage.js';
import type { GatewayBinding } from './gateway-binding.js';

/** What runs around one handler. */
export interface HandlerComposition {
  /** Event name or pattern. */
  readonly pattern: string;
  /** In order: stages of the module, the gateway and the method, guards, interceptors, pipes, and the method itself. */
  readonly inbound: readonly string[];
  /** Stages that its answers pass, in order: of the method, the gateway, the module. */
  readonly outbound: readonly string[];
}

/** What runs at one endpoint. */
export interface EndpointComposition {
  readonly path: string;
  readonly gateways: readonly string[];
  /** Stages before the 101, in order. */
  readonly handshake: readonly string[];
  /** Strategies that find out who connects, after those, in order; none: everybody may. */
  readonly authentication: readonly string[];
  /** Stages of frames that come in, in order. */
  readonly inboundFrame: readonly string[];
  /** Stages of everything that goes out, in order. */
  readonly outbound: readonly string[];
  /** Stages of frames that go out, in order. */
  readonly outboundFrame: readonly string[];
  readonly handlers: readonly HandlerComposition[];
}

/** What a composition is read from: an endpoint. */
export interface ComposedEndpoint {
  readonly path: string;
  readonly bindings: readonly GatewayBinding[];
  /** Of the module, then of the gateways. */
  readonly stages: readonly Stage[];
  readonly shared: { readonly stages: readonly Stage[] };
}

type PhaseName = Exclude<
  keyof GatewayMiddleware,
  'perConnection' | 'tap' | 'controlFrame' | 'resumed' | 'disconnected'
>;

/** Says what runs at an endpoint. */
export function describeEndpoint({ path, bindings, stages, shared }: ComposedEndpoint): EndpointComposition {
  const outbound = having(shared.stages, 'outbound').reverse();
  const inbound = having(shared.stages, 'inbound');
  return {
    path,
    gateways: bindings.map(({ name }) => name),
    handshake: having(stages, 'handshake'),
    authentication:
      bindings.find(({ authenticator }) => authenticator !== undefined)?.authenticator?.names ?? [],
    inboundFrame: having(stages, 'inboundFrame'),
    outbound,
    outboundFrame: having(stages, 'outboundFrame').reverse(),
    handlers: bindings.flatMap(({ handlers }) =>
      handlers.map((handler) => describeHandler(handler, inbound, outbound)),
    ),
  };
}

function describeHandler(
  handler: MessageHandler,
  inbound: readonly string[],
  outbound: readonly string[],
): HandlerComposition {
  const own = (handler.inbound ?? []).map(({ name }) => name);
  return {
    pattern: handler.pattern,
    inbound: [...inbound, ...own, ...(handler.enhancers ?? []), handler.label],
    outbound: [...(handler.answerStages ?? []), ...outbound],
  };
}

/** One line a handler, for the log. */
export function compositionLines({ path, handlers }: EndpointComposition): string[] {
  return handlers.map(({ pattern, inbound, outbound }) => {
    const answers = outbound.length === 0 ? '' : `, answers through ${outbound.join(' → ')}`;
    return `${path} "${pattern}": ${inbound.join(' → ')}${answers}`;
  });
}

function having(stages: readonly Stage[], phase: PhaseName): string[] {
  return stages.filter(({ middleware }) => middleware[phase] !== undefined).map(({ name }) => name);
}
