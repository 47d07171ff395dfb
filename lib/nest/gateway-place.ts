import type { EngineOptions } from '../server/options.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';

/** What `@WebSocketGateway()` was given, as far as we read it. */
export interface GatewayDecoratorOptions
  extends WsEndpointOptions, Pick<EngineOptions, 'codecs' | 'compression'> {
  readonly path?: string;
  /** Socket.IO's word for a path: `x` is served at `/x`. */
  readonly namespace?: string | RegExp;
}

/** Where gateways are served. */
export interface GatewayPlace {
  /** 0: on the application's HTTP server. */
  readonly port: number;
  readonly path: string;
}

const endpointKeys = [
  'verifyClient',
  'handleProtocols',
  'maxPayload',
  'perMessageDeflate',
  'skipUTF8Validation',
  'allowSynchronousEvents',
  'autoPong',
] as const satisfies readonly (keyof WsEndpointOptions)[];

/** Where a gateway with these options is served. A port of its own without a path takes every path, as `ws` does. */
export function placeOf(port: number, { path, namespace }: GatewayDecoratorOptions): GatewayPlace {
  const segments = [path, typeof namespace === 'string' ? namespace : undefined]
    .flatMap((part) => (part ?? '').split('/'))
    .filter((segment) => segment !== '');
  const isAnywhere = port !== 0 && path === undefined && segments.length === 0;
  return { port, path: isAnywhere ? '/*' : `/${segments.join('/')}` };
}

/** A place as a key. */
export function placeKey({ port, path }: GatewayPlace): string {
  return `${port} ${path}`;
}

/** The part of the decorator's options that is for the transport. */
export function wsOptionsOf(options: GatewayDecoratorOptions): WsEndpointOptions {
  return Object.fromEntries(
    endpointKeys.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  );
}
