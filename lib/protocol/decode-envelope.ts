import { readBinaryFrame } from './binary-frame.js';
import { restoreBytes } from './byte-ranges.js';
import { checkEnvelopes, requestIds } from './check-envelopes.js';
import type { Envelope } from './envelope.js';
import { ErrorCode } from './error-code.js';
import { exceedsDepth } from './json-depth.js';
import { decodeDefaults, type DecodeLimits } from './limits.js';
import { ProtocolError } from './protocol-error.js';

const openBrace = 0x7b;
const openBracket = 0x5b;
/** `e` begins the JOSE compact form ("eyJ…"), and no JSON. */
const joseStart = 0x65;

type Limits = Partial<DecodeLimits>;

/**
 * Reads the payload of a text frame (a string) or a binary frame (bytes): an envelope, or an array for a batch.
 * The result is the parsed JSON itself, checked; bytes in it are views on the frame.
 *
 * @throws {ProtocolError} for everything else, and nothing but it
 */
export function decodeEnvelope(
  frame: string | Uint8Array,
  limits: Limits = decodeDefaults,
): Envelope | Envelope[] {
  if (typeof frame !== 'string') return decodeBytes(frame, limits);
  if (frame.charCodeAt(0) === joseStart)
    throw new ProtocolError(ErrorCode.Undecodable, 'JOSE compact frames are not supported');
  return decodeText(frame, limits);
}

function decodeText(text: string, limits: Limits): Envelope | Envelope[] {
  return checkEnvelopes(parse(text, limits), limits);
}

function parse(text: string, limits: Limits): unknown {
  const depth = limits.jsonDepth ?? decodeDefaults.jsonDepth;
  if (exceedsDepth(text, depth))
    throw new ProtocolError(ErrorCode.TooDeep, `JSON is nested more than ${depth} deep`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the peer's text.
    throw new ProtocolError(ErrorCode.BadJson, 'the frame is not valid JSON');
  }
}

function decodeBytes(frame: Uint8Array, limits: Limits): Envelope | Envelope[] {
  if (frame[0] === openBrace || frame[0] === openBracket) return decodeText(toText(frame), limits);
  const parts = readBinaryFrame(frame);
  if (parts === undefined)
    throw new ProtocolError(ErrorCode.Undecodable, 'the binary frame is neither JSON nor header and bytes');
  const envelope = decodeText(toText(parts.header), limits);
  if (Array.isArray(envelope))
    throw new ProtocolError(ErrorCode.BadEnvelope, 'the header of a binary frame is one envelope');
  if (!Object.hasOwn(envelope, 'data')) envelope.data = parts.raw;
  else {
    const problem = restoreBytes(envelope.data, parts.raw);
    if (problem !== undefined)
      throw new ProtocolError(ErrorCode.BadEnvelope, problem, requestIds([envelope], limits));
  }
  return envelope;
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProtocolError(ErrorCode.Undecodable, 'the frame is not UTF-8');
  }
}
