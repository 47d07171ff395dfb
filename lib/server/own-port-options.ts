import type { TlsOptions } from 'node:tls';
import { OptionError } from '../primitives/option-error.js';
import { resolveTlsFiles, type ResolvedTlsFiles, type TlsFiles } from './tls-files.js';
import { createTrustProxy, type TrustProxy } from './trust-proxy.js';

/** TLS of a port: what `tls.createServer` takes, or files that are looked at again while the port is open. */
export interface OwnPortTls extends TlsOptions {
  /** Key and certificate in files: renewed ones are taken without dropping a connection. */
  readonly files?: TlsFiles;
}

/** How ports of gateways' own (`@WebSocketGateway(8443)`) are served. The application's HTTP server is Nest's: `httpsOptions`. */
export interface OwnPortOptions {
  /** Serves `wss`. @default false */
  readonly tls?: OwnPortTls | false;
  /**
   * Each connection begins with a PROXY protocol header, version 1 or 2, and has the address that it says. `true`: only the
   * proxy can reach the port. `trusted`: connections from other addresses are dropped. @default false
   */
  readonly proxyProtocol?: boolean | { readonly trusted: string | readonly string[] };
}

/** The same for all ports, or by port. */
export type OwnPortsOption = OwnPortOptions | ((port: number) => OwnPortOptions | undefined);

export interface ResolvedOwnPort {
  readonly tls: TlsOptions | null;
  readonly files: ResolvedTlsFiles | null;
  /** Whose PROXY protocol headers are taken; null: connections have none. */
  readonly proxyProtocol: TrustProxy | null;
}

/** Gives the settings of each port. @throws {OptionError} here, or for a function when a port is opened */
export function resolveOwnPorts(input: OwnPortsOption = {}): (port: number) => ResolvedOwnPort {
  if (typeof input === 'function') return (port) => resolveOwnPort(input(port) ?? {});
  const resolved = resolveOwnPort(input);
  return () => resolved;
}

function resolveOwnPort({ tls = false, proxyProtocol = false }: OwnPortOptions): ResolvedOwnPort {
  return {
    ...(tls === false ? { tls: null, files: null } : resolveTls(tls)),
    proxyProtocol: trustedProxies(proxyProtocol),
  };
}

function resolveTls({ files, ...tls }: OwnPortTls): Pick<ResolvedOwnPort, 'tls' | 'files'> {
  const isSet = files ?? tls.key ?? tls.pfx ?? tls.SNICallback;
  if (isSet === undefined)
    throw new OptionError('ownPorts.tls', 'key and cert, pfx, files or SNICallback', undefined);
  return { tls, files: files === undefined ? null : resolveTlsFiles(files, 'ownPorts.tls.files') };
}

function trustedProxies(option: NonNullable<OwnPortOptions['proxyProtocol']>): TrustProxy | null {
  if (option === false) return null;
  return createTrustProxy(option === true ? true : option.trusted, 'ownPorts.proxyProtocol.trusted');
}
