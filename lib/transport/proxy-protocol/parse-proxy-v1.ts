import { isIPv4, isIPv6 } from 'node:net';
import { type ParsedProxyHeader, type ProxyEndpoint, ProxyProtocolError } from './proxy-header.js';

/** Longest line with its CRLF (PROXY protocol, section 2.1). */
export const maxProxyV1Bytes = 107;

/** The text header: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`. Begins with its prefix; undefined when it is not whole. */
export function parseProxyV1(bytes: Buffer): ParsedProxyHeader | undefined {
  const end = bytes.subarray(0, maxProxyV1Bytes).indexOf('\r\n');
  if (end === -1) {
    if (bytes.length < maxProxyV1Bytes) return undefined;
    throw new ProxyProtocolError('too-long', `no end of line within ${maxProxyV1Bytes} bytes`);
  }
  const [, protocol, ...fields] = bytes.toString('latin1', 0, end).split(' ');
  const parsed = { bytes: end + 2 };
  // Whatever follows UNKNOWN is to be ignored.
  if (protocol === 'UNKNOWN') return { ...parsed, header: { version: 1, family: 'unknown' } };
  const family = protocol === 'TCP4' ? 'ipv4' : protocol === 'TCP6' ? 'ipv6' : undefined;
  if (family === undefined) throw malformed('an unknown protocol');
  if (fields.length !== 4) throw malformed('not four fields');
  const [from, to, fromPort, toPort] = fields as [string, string, string, string];
  const source = endpoint(family, from, fromPort);
  const destination = endpoint(family, to, toPort);
  return { ...parsed, header: { version: 1, family, source, destination } };
}

function endpoint(family: 'ipv4' | 'ipv6', address: string, port: string): ProxyEndpoint {
  // Node takes zones (`fe80::1%eth0`); the specification does not.
  const isAddress = family === 'ipv4' ? isIPv4(address) : isIPv6(address) && !address.includes('%');
  if (!isAddress) throw malformed('a bad address');
  if (!/^(?:0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) throw malformed('a bad port');
  return { address, port: Number(port) };
}

function malformed(what: string): ProxyProtocolError {
  return new ProxyProtocolError('malformed', `${what} in a PROXY protocol header of version 1`);
}
