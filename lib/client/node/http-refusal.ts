import type { IncomingMessage } from 'node:http';
import { closeTraits } from '../../protocol/close-code.js';

/** What a refusal is told as. */
export interface HttpRefusal {
  readonly code: number;
  readonly reason: string;
}

/** More than the servers of gatewire say; the rest is not read. */
const maxBodyBytes = 4_096;
const maxReasonLength = 200;

/**
 * An answer of HTTP in place of the 101, as the close it would have been: 44xx and 45xx mirror HTTP (PROTOCOL.md, "Close
 * codes"). Of the body, the `message` is told.
 */
export async function readRefusal(response: IncomingMessage): Promise<HttpRefusal> {
  const { statusCode = 0 } = response;
  const message = messageOf(await readText(response));
  return {
    code: closeCodeOf(statusCode),
    reason: `HTTP ${statusCode}${message === '' ? '' : `: ${message}`}`,
  };
}

/** A status without a close code is nothing to conclude from: 1006, as browsers say of all. */
function closeCodeOf(status: number): number {
  if (status === 502 || status === 504) return 1014;
  return Object.hasOwn(closeTraits, 4000 + status) ? 4000 + status : 1006;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBodyBytes) break;
    }
  } catch {
    // It broke off: the status says enough.
  }
  return Buffer.concat(chunks).toString();
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message.slice(0, maxReasonLength) : '';
  } catch {
    // A page of some proxy.
    return '';
  }
}
