import { isUtf8 } from 'node:buffer';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import { exceedsDepth } from '../../../protocol/json-depth.js';
import { type ContentEncoding, isTooLong } from './content-encoding.js';

/** Limits of inflating. */
export interface InflateLimits {
  readonly maxInflatedBytes: number;
  readonly jsonDepth: number;
}

/** So much is inflated at once, in well under a millisecond; what turns out to be longer goes to the thread pool. */
const atOnceBytes = 65_536;

/**
 * Inflates data and reads it as JSON. A few bytes can inflate to a thousand times as many: never more than the limit
 * is made, whatever the bytes say of themselves.
 *
 * @throws {GatewireError} `PAYLOAD_TOO_LARGE`, `UNDECODABLE`, `BAD_JSON` or `TOO_DEEP`, or a promise of it
 */
export function inflateData(encoding: ContentEncoding, bytes: Uint8Array, limits: InflateLimits): unknown {
  const { maxInflatedBytes } = limits;
  try {
    if (bytes.length <= atOnceBytes)
      return parse(encoding.inflate(bytes, Math.min(atOnceBytes, maxInflatedBytes)), limits);
  } catch (error) {
    if (!isTooLong(error) || maxInflatedBytes <= atOnceBytes) throw refusal(error, encoding, limits);
  }
  return encoding.inflateLater(bytes, maxInflatedBytes).then(
    (inflated) => parse(inflated, limits),
    (error: unknown) => {
      throw refusal(error, encoding, limits);
    },
  );
}

function parse(bytes: Buffer, { jsonDepth }: InflateLimits): unknown {
  if (!isUtf8(bytes)) throw new GatewireError(ErrorCode.Undecodable, 'the inflated data is not UTF-8');
  const text = bytes.toString();
  if (exceedsDepth(text, jsonDepth))
    throw new GatewireError(ErrorCode.TooDeep, `JSON is nested more than ${jsonDepth} deep`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the peer's text.
    throw new GatewireError(ErrorCode.BadJson, 'the inflated data is not valid JSON');
  }
}

function refusal(
  error: unknown,
  { name }: ContentEncoding,
  { maxInflatedBytes }: InflateLimits,
): GatewireError {
  if (error instanceof GatewireError) return error;
  return isTooLong(error)
    ? new GatewireError(ErrorCode.PayloadTooLarge, `data inflates to more than ${maxInflatedBytes} bytes`, {
        details: { maxBytes: maxInflatedBytes },
      })
    : new GatewireError(ErrorCode.Undecodable, `data is not ${name}`);
}
