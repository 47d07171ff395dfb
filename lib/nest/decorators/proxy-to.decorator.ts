import {
  type ProxyOptions,
  type ProxyTarget,
  type ResolvedProxyOptions,
  resolveProxyOptions,
} from '../../server/reverse-proxy/proxy-options.js';
import { metadataKeys } from '../metadata-keys.js';

/** What the decorator leaves. */
export interface ProxyAnnotation {
  readonly target: ProxyTarget;
  readonly options: ResolvedProxyOptions;
}

/**
 * Makes a gateway pass its connections on to another WebSocket server: guards, `onHandshake`, middleware and
 * `handleConnection` work as ever; there are no handlers. The client's 101 waits for the upstream's.
 *
 * @throws {OptionError} for an option that cannot work
 *
 * @example
 * \@ProxyTo('ws://10.0.0.5:3000/feed', { forwardHeaders: ['cookie'] })
 * \@WebSocketGateway({ path: '/feed' })
 * export class FeedGateway {}
 */
export function ProxyTo(target: ProxyTarget, options?: ProxyOptions): ClassDecorator {
  const annotation: ProxyAnnotation = { target, options: resolveProxyOptions(target, options) };
  return (gateway) => Reflect.defineMetadata(metadataKeys.proxyTo, annotation, gateway);
}
