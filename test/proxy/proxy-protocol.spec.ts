import { parseProxyHeader } from '../../lib/transport/proxy-protocol/parse-proxy-header.js';
import type { ProxyHeader, ProxyProtocolError } from '../../lib/transport/proxy-protocol/proxy-header.js';
import { tcp4Block, tlv, unixBlock, unknown, v2Header } from './proxy-headers.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What comes of the bytes: the header and its length, `more`, or the fault. */
function outcome(input: Buffer): unknown {
  try {
    const parsed = parseProxyHeader(input);
    return parsed === undefined ? 'more' : [parsed.header, parsed.bytes];
  } catch (error) {
    return (error as ProxyProtocolError).fault;
  }
}

/** The specification's longest line: 107 bytes. */
const longest = `PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`;
const tcp6 = {
  source: Buffer.from('20010db8000000000000000000000001', 'hex'),
  destination: Buffer.from('00000000000000000000ffffc0000201', 'hex'),
};
const tcp6Block = tcp4Block([...tcp6.source], [...tcp6.destination], [1, 2]);
const block4 = tcp4Block([192, 0, 2, 1], [198, 51, 100, 2], [56_324, 443]);
const header4: Omit<ProxyHeader, 'version'> = {
  family: 'ipv4',
  source: { address: '192.0.2.1', port: 56_324 },
  destination: { address: '198.51.100.2', port: 443 },
};

describe('a PROXY protocol header of version 1', () => {
  it.each<[string, string, unknown]>([
    ['TCP over IPv4', 'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n', { version: 1, ...header4 }],
    [
      'TCP over IPv6',
      'PROXY TCP6 2001:db8::1 ::1 0 65535\r\n',
      {
        version: 1,
        family: 'ipv6',
        source: { address: '2001:db8::1', port: 0 },
        destination: { address: '::1', port: 65_535 },
      },
    ],
    ['UNKNOWN', 'PROXY UNKNOWN\r\n', unknown(1)],
    ['UNKNOWN with anything after it', 'PROXY UNKNOWN what ever\r\n', unknown(1)],
    ['the longest line', longest.slice(0, 105) + '\r\n', unknown(1)],
  ])('is read: %s', (_name, line, header) => {
    expect(outcome(bytes(line))).toEqual([header, line.length]);
    expect(outcome(bytes(`${line}GET / HTTP/1.1\r\n`))).toEqual([header, line.length]);
    for (let end = 0; end < line.length; end++) expect(outcome(bytes(line.slice(0, end)))).toBe('more');
  });

  it('has at most 107 bytes', () => {
    const line = `PROXY UNKNOWN ${'x'.repeat(91)}`;
    expect(line).toHaveLength(105);
    expect(outcome(bytes(`${line}\r\n`))).toEqual([unknown(1), 107]);
    expect(outcome(bytes(`${line}x\r`))).toBe('too-long');
    expect(outcome(bytes(`${line}x\r\n`))).toBe('too-long');
  });

  it.each([
    ['an unknown protocol', 'PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n'],
    ['a protocol in lower case', 'PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n'],
    ['nothing', 'PROXY \r\n'],
    ['a field too few', 'PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n'],
    ['a field too many', 'PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n'],
    ['two spaces', 'PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n'],
    ['an address of the other family', 'PROXY TCP4 ::1 ::1 1 2\r\n'],
    ['an IPv4 address among IPv6', 'PROXY TCP6 192.0.2.1 ::1 1 2\r\n'],
    ['a bad destination', 'PROXY TCP4 192.0.2.1 198.51.100.256 1 2\r\n'],
    ['a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'],
    ['a port too great', 'PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n'],
    ['a port with a leading zero', 'PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n'],
    ['a negative port', 'PROXY TCP4 192.0.2.1 198.51.100.2 1 -2\r\n'],
  ])('is refused with %s', (_name, line) => {
    expect(outcome(bytes(line))).toBe('malformed');
  });
});

describe('a PROXY protocol header of version 2', () => {
  const extensions = Buffer.concat([tlv(0x02, bytes('example.com')), tlv(0x20, Buffer.alloc(40))]);

  it.each<[string, Buffer, unknown]>([
    ['TCP over IPv4', v2Header(0x21, 0x11, block4), { version: 2, ...header4 }],
    [
      'TCP over IPv4 with extensions',
      v2Header(0x21, 0x11, Buffer.concat([block4, extensions])),
      { version: 2, ...header4 },
    ],
    [
      'TCP over IPv6',
      v2Header(0x21, 0x21, tcp6Block),
      {
        version: 2,
        family: 'ipv6',
        source: { address: '2001:db8::1', port: 1 },
        destination: { address: '::ffff:192.0.2.1', port: 2 },
      },
    ],
    [
      'a UNIX socket',
      v2Header(0x21, 0x31, unixBlock('/run/client', `/${'x'.repeat(107)}`)),
      {
        version: 2,
        family: 'unix',
        source: { address: '/run/client', port: 0 },
        destination: { address: `/${'x'.repeat(107)}`, port: 0 },
      },
    ],
    ['LOCAL', v2Header(0x20, 0x00, Buffer.alloc(0)), unknown(2)],
    ['LOCAL with addresses, which say nothing', v2Header(0x20, 0x11, block4), unknown(2)],
    ['LOCAL with a family that nobody knows', v2Header(0x20, 0xff, Buffer.alloc(3)), unknown(2)],
    ['UNSPEC', v2Header(0x21, 0x00, Buffer.alloc(0)), unknown(2)],
    ['an unspecified protocol', v2Header(0x21, 0x10, block4), unknown(2)],
    ['a datagram', v2Header(0x21, 0x12, block4), unknown(2)],
    [
      'the longest',
      v2Header(0x21, 0x11, Buffer.concat([block4, Buffer.alloc(4068)])),
      { version: 2, ...header4 },
    ],
  ])('is read: %s', (_name, input, header) => {
    expect(outcome(input)).toEqual([header, input.length]);
    expect(outcome(Buffer.concat([input, bytes('GET /')]))).toEqual([header, input.length]);
    for (let end = 0; end < input.length; end++) expect(outcome(input.subarray(0, end))).toBe('more');
  });

  it.each<[string, Buffer, string]>([
    ['an unknown version', v2Header(0x31, 0x11, block4), 'malformed'],
    ['version 1', v2Header(0x11, 0x11, block4), 'malformed'],
    ['an unknown command', v2Header(0x22, 0x11, block4), 'malformed'],
    ['an unknown family', v2Header(0x21, 0x41, block4), 'malformed'],
    ['an unknown protocol', v2Header(0x21, 0x13, block4), 'malformed'],
    ['too few bytes for IPv4', v2Header(0x21, 0x11, block4.subarray(0, 11)), 'malformed'],
    ['too few bytes for IPv6', v2Header(0x21, 0x21, tcp6Block.subarray(0, 35)), 'malformed'],
    ['too few bytes for UNIX', v2Header(0x21, 0x31, Buffer.alloc(215)), 'malformed'],
    ['more than 4 KiB', v2Header(0x21, 0x11, Buffer.alloc(4081)), 'too-long'],
    ['64 KiB announced', v2Header(0x21, 0x11, Buffer.alloc(0), 65_535), 'too-long'],
  ])('is refused with %s', (_name, input, fault) => {
    expect(outcome(input)).toBe(fault);
  });
});

describe('what is no PROXY protocol header', () => {
  it.each(['GET / HTTP/1.1\r\n', 'P', 'PUT / HTTP/1.1', 'PROXY', '\r', '\r\n\r\n\0\r\nQUIX', '\x16\x03\x01'])(
    'is refused at its first wrong byte: %j',
    (text) => {
      const isPrefix = 'PROXY '.startsWith(text) || '\r\n\r\n\0\r\nQUIT\n'.startsWith(text);
      expect(outcome(bytes(text))).toBe(isPrefix ? 'more' : 'not-a-header');
    },
  );
});
