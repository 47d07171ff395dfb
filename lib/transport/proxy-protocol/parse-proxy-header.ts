import { parseProxyV1 } from './parse-proxy-v1.js';
import { parseProxyV2 } from './parse-proxy-v2.js';
import { type ParsedProxyHeader, ProxyProtocolError } from './proxy-header.js';

const v1Prefix = Buffer.from('PROXY ', 'latin1');
/** Chosen so that no other protocol begins with it (PROXY protocol, section 2.2). */
const v2Signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/**
 * Reads the PROXY protocol header, version 1 or 2, that a connection begins with (HAProxy, doc/proxy-protocol.txt).
 * Call it with all bytes there are so far, again when there are more; a header is refused at the first byte that no
 * header has, and never takes more than 4 KiB.
 *
 * @returns undefined when more bytes are needed
 * @throws {ProxyProtocolError} `not-a-header`, `malformed` or `too-long`
 */
export function parseProxyHeader(bytes: Buffer): ParsedProxyHeader | undefined {
  if (bytes.length === 0) return undefined;
  const isV1 = bytes[0] === v1Prefix[0];
  const start = isV1 ? v1Prefix : v2Signature;
  const length = Math.min(start.length, bytes.length);
  if (bytes.compare(start, 0, length, 0, length) !== 0) {
    throw new ProxyProtocolError(
      'not-a-header',
      'the connection does not begin with a PROXY protocol header',
    );
  }
  if (length < start.length) return undefined;
  return isV1 ? parseProxyV1(bytes) : parseProxyV2(bytes);
}
