/** One end of a connection. */
export interface ProxyEndpoint {
  /** An IP address, or the path of a UNIX socket. */
  readonly address: string;
  /** 0 for a UNIX socket. */
  readonly port: number;
}

/** What a proxy says in a PROXY protocol header about the connection it passes on. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `unknown`: the proxy does not say (`UNKNOWN`, `UNSPEC`, a datagram), or it speaks for itself (`LOCAL`, a health check). */
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'unknown';
  /** Absent for `unknown`: then the ends of the real connection hold. */
  readonly source?: ProxyEndpoint;
  readonly destination?: ProxyEndpoint;
}

/** A header, and how many bytes it took: what follows them is the peer's. */
export interface ParsedProxyHeader {
  readonly header: ProxyHeader;
  readonly bytes: number;
}

/** Why a connection cannot begin: a fixed set, for counters. */
export type ProxyProtocolFault =
  'not-a-header' | 'malformed' | 'too-long' | 'timeout' | 'untrusted' | 'ended';

/** A connection that does not begin with a PROXY protocol header as it must. Never carries bytes of the peer. */
export class ProxyProtocolError extends Error {
  override readonly name = 'ProxyProtocolError';
  readonly fault: ProxyProtocolFault;

  constructor(fault: ProxyProtocolFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
