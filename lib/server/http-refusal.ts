import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';

/** An upgrade that is refused, with the HTTP answer the client gets (RFC 6455 section 4.2.2). */
export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** When trying again may help, in seconds (RFC 9110 section 10.2.3). @default 5 with the status 503, else none */
  readonly retryAfterSeconds?: number | undefined;
  /** Further headers: `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
}

const statusOfCode: Readonly<Record<string, number>> = {
  [ErrorCode.BadRequest]: 400,
  [ErrorCode.ValidationFailed]: 400,
  [ErrorCode.Unauthenticated]: 401,
  [ErrorCode.Forbidden]: 403,
  [ErrorCode.NotFound]: 404,
  [ErrorCode.TooManyRequests]: 429,
  [ErrorCode.RateLimited]: 429,
  [ErrorCode.Overloaded]: 503,
  [ErrorCode.Unavailable]: 503,
};

/** What an error thrown before the 101 means to the client. Nest's `HttpException` says its status itself. */
export function refusalOf(error: unknown): HttpRefusal {
  if (isGatewireError(error)) {
    return {
      status: statusOfCode[error.code] ?? 500,
      code: error.code,
      message: error.message,
      retryAfterSeconds: retryAfterSeconds(error.details),
    };
  }
  const { getStatus, message } = (error ?? {}) as { getStatus?: () => unknown; message?: unknown };
  const status = typeof getStatus === 'function' ? getStatus.call(error) : undefined;
  if (typeof status === 'number' && status >= 400 && status < 600) {
    return {
      status,
      code: codeOfStatus(status),
      message: typeof message === 'string' ? message : (STATUS_CODES[status] ?? ''),
    };
  }
  return { status: 500, code: ErrorCode.Internal, message: 'Internal server error' };
}

function retryAfterSeconds(details: unknown): number | undefined {
  const { retryAfterMs } = (details ?? {}) as { retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs)
    ? Math.ceil(Math.max(0, retryAfterMs) / 1_000)
    : undefined;
}

function codeOfStatus(status: number): string {
  if (status === 502 || status === 504) return ErrorCode.Unavailable;
  const known = Object.entries(statusOfCode).find(([, value]) => value === status)?.[0];
  return known ?? (status < 500 ? ErrorCode.BadRequest : ErrorCode.Internal);
}

/** Answers an upgrade request with an HTTP error and ends the socket. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const { status, code, message, headers = {} } = refusal;
  const { retryAfterSeconds = status === 503 ? 5 : undefined } = refusal;
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ code, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once('finish', () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
