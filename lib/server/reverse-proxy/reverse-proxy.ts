import type { IncomingMessage } from 'node:http';
import type { Connection } from '../../connection/connection.js';
import { after } from '../../primitives/clock.js';
import type { TransportSocket } from '../../transport/transport-socket.js';
import type { UpstreamAttempt, UpstreamSocket } from '../../transport/upstream.js';
import { connectWsUpstream } from '../../transport/ws/ws-upstream.js';
import type { ConnectionProxy, ProxiedEndpoint } from '../connection-proxy.js';
import type { EngineShared } from '../engine-shared.js';
import type { InletSettings } from '../inlet.js';
import { parseTarget, type ProxyTarget, type ResolvedProxyOptions } from './proxy-options.js';
import { ProxyInlet } from './proxy-inlet.js';
import { ProxyRefusal, refuseFor } from './proxy-refusal.js';
import { upstreamHeaders } from './upstream-headers.js';

/** An upstream connection from its 101 to the client's. */
interface Ready {
  readonly upstream: UpstreamSocket;
  /** The client has gone before its 101. */
  readonly abandon: () => void;
}

/** Credentials for this hop. */
const bearerPrefix = 'gatewire.bearer.';

/** What passes the connections of one gateway on to another WebSocket server. */
export class ReverseProxy implements ConnectionProxy {
  readonly #label: string;
  readonly #target: ProxyTarget;
  readonly #options: ResolvedProxyOptions;
  readonly #ready = new WeakMap<Connection, Ready>();
  readonly #inlets = new Set<ProxyInlet>();

  /** @param label names the gateway in log lines */
  constructor(label: string, target: ProxyTarget, options: ResolvedProxyOptions) {
    this.#label = label;
    this.#target = target;
    this.#options = options;
  }

  /** Upstream connections of clients that are connected, or were a moment ago. */
  get upstreams(): number {
    return this.#inlets.size;
  }

  /** Connects to the upstream: the client's 101 waits for it. @throws {ProxyRefusal} 502 or 504 */
  async connect(connection: Connection, request: IncomingMessage, shared: EngineShared): Promise<void> {
    const { clock, options, stageHost } = shared;
    const client = request.socket;
    const target = this.#target;
    const url = parseTarget(
      typeof target === 'function' ? await target(connection.handshake, connection) : target,
    );
    const headers = await upstreamHeaders(connection, request, url, options.trustProxy, this.#options);
    const { maxPayloadBytes = options.limits.maxPayloadBytes, connectMs, tls } = this.#options;
    const attempt = this.#attempt(() =>
      connectWsUpstream({
        url,
        subprotocols: offeredBy(request),
        headers,
        limits: { ...options.limits, maxPayloadBytes },
        closeMs: options.timeouts.closeMs,
        tls,
      }),
    );
    const abandon = (): void => attempt.abort();
    client.once('close', abandon);
    // Nobody reads the socket until its 101: only so it is seen that the client has gone. What it sends stays in the buffer.
    const ended = (): void => void client.destroy();
    client.once('end', ended);
    client.read(0);
    const timer = after(clock, connectMs, () => {
      isLate = true;
      attempt.abort();
    });
    let isLate = false as boolean;
    try {
      this.#ready.set(connection, { upstream: await attempt.socket, abandon });
      stageHost.count('proxy.connected');
    } catch (error) {
      client.off('close', abandon);
      throw refuseFor(isLate ? new ProxyRefusal(504) : error, stageHost, this.#label);
    } finally {
      client.off('end', ended);
      clock.clearTimeout(timer);
    }
  }

  /** What the upstream has selected, for the client's 101; false: nothing. */
  subprotocolOf(connection: Connection): string | false {
    const protocol = this.#ready.get(connection)?.upstream.protocol ?? '';
    return protocol === '' ? false : protocol;
  }

  /** The client's 101 is out: from now on frames pass. */
  inlet(
    connection: Connection,
    socket: TransportSocket,
    request: IncomingMessage,
    endpoint: ProxiedEndpoint,
    settings: InletSettings,
  ): ProxyInlet {
    const { upstream, abandon } = this.#ready.get(connection) as Ready;
    this.#ready.delete(connection);
    request.socket.off('close', abandon);
    const inlet: ProxyInlet = new ProxyInlet(connection, settings, {
      socket,
      upstream,
      endpoint,
      options: this.#options,
      gone: () => this.#inlets.delete(inlet),
    });
    this.#inlets.add(inlet);
    return inlet;
  }

  /** The offer of subprotocols is the client's, and what can be wrong with it is the client's fault. */
  #attempt(connect: () => UpstreamAttempt): UpstreamAttempt {
    try {
      return connect();
    } catch (error) {
      throw error instanceof SyntaxError ? new ProxyRefusal(400) : error;
    }
  }
}

function offeredBy({ headers }: IncomingMessage): string[] {
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.filter((name) => !name.startsWith(bearerPrefix));
}
