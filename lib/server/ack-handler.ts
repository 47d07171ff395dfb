import type { IncomingMessage, ServerResponse } from 'node:http';
import { wholeNumber } from '../primitives/option-checks.js';
import type { ErrorBody } from '../protocol/envelope.js';
import type { AckOutcome, AckResult } from './peer-acks.js';

/** Bounds of {@link createAckHandler}. */
export interface AckHandlerOptions {
  /** Of a request's body; more is refused with 413. @default 65_536 */
  readonly maxBodyBytes?: number;
}

/** Who takes the answers: a `GatewireServer`. */
export interface Acknowledging {
  acknowledge(token: string, outcome: AckOutcome): AckResult;
}

/** Longest token that is looked at. */
const longestToken = 128;

/** An HTTP handler: of `node:http`, Express and, behind `app.use`, of Nest. */
export type AckHandler = (
  request: IncomingMessage & { readonly body?: unknown },
  response: ServerResponse,
) => Promise<void>;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Takes answers to questions with `ack: 'http'` over HTTP: `POST {token, data}` or `{token, error: {code, message}}`. 204: taken; 404: no such
 * token; 410: nobody waits for it any more; 400, 405, 413: not an answer. The token is all the authorisation there is.
 *
 * @throws {OptionError}
 *
 * @example
 * app.use('/gatewire/ack', createAckHandler(app.get(GatewireServer)));
 */
export function createAckHandler(server: Acknowledging, options: AckHandlerOptions = {}): AckHandler {
  const maxBodyBytes = wholeNumber('maxBodyBytes', options.maxBodyBytes ?? 65_536);
  return async (request, response) => {
    try {
      if (request.method !== 'POST') {
        response.setHeader('Allow', 'POST');
        throw new Refusal(405, 'BAD_REQUEST', 'only POST');
      }
      // Another body parser may have been here before.
      const body = request.body ?? parse(await readBody(request, maxBodyBytes));
      const { token, outcome } = answerIn(body);
      const result = server.acknowledge(token, outcome);
      if (result === 'unknown') throw new Refusal(404, 'NOT_FOUND', 'no question has this token');
      if (result === 'gone') throw new Refusal(410, 'CONFLICT', 'nobody waits for this answer any more');
      response.writeHead(204).end();
    } catch (error) {
      refuse(response, error);
    }
  };
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Refusal(413, 'PAYLOAD_TOO_LARGE', `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'BAD_JSON', 'the body is not JSON');
  }
}

function answerIn(body: unknown): { token: string; outcome: AckOutcome } {
  const { token, data = null, error } = (body ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || token === '' || token.length > longestToken)
    throw new Refusal(400, 'BAD_REQUEST', 'a token, as it came in meta.ack, belongs into the body');
  if (error === undefined || error === null) return { token, outcome: { data } };
  const { code, message, details } = error as Partial<Record<string, unknown>>;
  if (typeof code !== 'string' || typeof message !== 'string')
    throw new Refusal(400, 'BAD_REQUEST', 'an error has a code and a message');
  const told: ErrorBody = details === undefined ? { code, message } : { code, message, details };
  return { token, outcome: { error: told } };
}

function refuse(response: ServerResponse, error: unknown): void {
  // Who has hung up is told nothing.
  if (response.destroyed) return;
  const { status, code, message } =
    error instanceof Refusal ? error : new Refusal(400, 'BAD_REQUEST', 'the body cannot be read');
  // The rest of a body that is too long is not read.
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...(status === 413 && { Connection: 'close' }),
  });
  response.end(JSON.stringify({ code, message }));
}
