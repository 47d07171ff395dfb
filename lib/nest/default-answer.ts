import { type ArgumentsHost, HttpException, IntrinsicException, type Logger } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import type { Connection } from '../connection/connection.js';
import { hasBinary } from '../protocol/binary-data.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import { messageOf } from './execution-context.js';
import type { DefaultAnswer } from './filter-chain.js';

interface ExceptionData {
  readonly status: 'error';
  readonly message: unknown;
  readonly code?: string;
  readonly details?: unknown;
  readonly cause?: unknown;
}

/**
 * What is done about an error that no filter catches: the `exception` event in the shape of Nest 12, on every version;
 * unknown errors are logged. A requester (a message with an id) gets no event: the error is its outcome.
 */
export function createDefaultAnswer(logger: Logger): DefaultAnswer {
  return (error, host) => {
    const client = host.switchToWs().getClient<Connection>();
    const isRequest = messageOf(host)?.id !== undefined;
    if (isUnknown(error, isRequest)) logger.error(error);
    if (isRequest) return;
    try {
      client.send(JSON.stringify({ event: 'exception', data: exceptionData(error, host) }));
    } catch (failure) {
      logger.error('an exception event could not be sent', failure);
    }
  };
}

/** Not meant for the peer: what it was stands in the log. Nest leaves its own HTTP exceptions out of the log. */
function isUnknown(error: unknown, isRequest: boolean): boolean {
  if (error instanceof WsException || isGatewireError(error)) return false;
  if (error instanceof HttpException) return isRequest && error.getStatus() >= 500;
  return !(error instanceof IntrinsicException);
}

function exceptionData(error: unknown, host: ArgumentsHost): unknown {
  const content = error instanceof WsException ? error.getError() : undefined;
  if (typeof content === 'object') return content;
  const context = host.switchToWs();
  const data: unknown = context.getData();
  const cause = { pattern: context.getPattern(), ...(hasBinary(data) ? {} : { data }) };
  if (isGatewireError(error)) {
    const { message, code, details } = error;
    return {
      status: 'error',
      message,
      code,
      ...(details === undefined ? {} : { details }),
      cause,
    } satisfies ExceptionData;
  }
  return { status: 'error', message: content ?? 'Internal server error', cause } satisfies ExceptionData;
}
