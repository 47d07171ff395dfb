import type { StageHost } from '../../pipeline/middleware.js';

/** A connection that the upstream does not take: what the client is told, which is nothing of the upstream. */
export class ProxyRefusal extends Error {
  readonly status: 400 | 502 | 504;

  constructor(status: 400 | 502 | 504) {
    super(messages[status]);
    this.status = status;
  }

  getStatus(): number {
    return this.status;
  }
}

const messages = {
  400: 'the subprotocols cannot be read',
  502: 'the upstream does not take the connection',
  504: 'the upstream took too long',
} as const;

/** Counts and logs why; the error of the upstream may hold its status and address. */
export function refuseFor(error: unknown, host: StageHost, label: string): ProxyRefusal {
  const refusal = error instanceof ProxyRefusal ? error : new ProxyRefusal(502);
  host.count(refusal.status === 504 ? 'proxy.timeout' : 'proxy.refused');
  host.log.warn('PROXY', () => `${label}: ${error === refusal ? refusal.message : String(error)}`);
  return refusal;
}
