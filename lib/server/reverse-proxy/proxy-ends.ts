import type { TransportSocket } from '../../transport/transport-socket.js';
import type { UpstreamSocket } from '../../transport/upstream.js';
import type { ProxiedEndpoint } from '../connection-proxy.js';
import type { ResolvedProxyOptions } from './proxy-options.js';

/** The two ends that an inlet joins. */
export interface ProxyEnds {
  readonly socket: TransportSocket;
  readonly upstream: UpstreamSocket;
  readonly endpoint: ProxiedEndpoint;
  readonly options: ResolvedProxyOptions;
  /** The upstream connection is over. */
  readonly gone: () => void;
}
