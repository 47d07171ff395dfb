import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Connection } from '../../connection/connection.js';
import { messageOf } from '../execution-context.js';

/**
 * The envelope's `meta`, or one value of it.
 *
 * @example
 * save(@MessageBody() note: NoteDto, @Meta('trace') trace?: string) {}
 */
export const Meta = createParamDecorator((name: string | undefined, context: ExecutionContext): unknown => {
  const meta = messageOf(context)?.meta;
  return name === undefined
    ? (meta ?? {})
    : meta !== undefined && Object.hasOwn(meta, name)
      ? meta[name]
      : undefined;
});

/** An `AbortSignal`: aborted when the requester cancels, or the connection closes. Costs nothing where it is not asked for. */
export const AbortSignalParam = createParamDecorator(
  (_: unknown, context: ExecutionContext): AbortSignal | undefined => messageOf(context)?.signal,
);

/** The name of the event as sent: what a pattern (`order.*`) has matched. */
export const EventName = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => messageOf(context)?.event,
);

/** Whom the message, else its connection, speaks for, or one claim of it; undefined when nobody has said. */
export const Principal = createParamDecorator(
  (claim: string | undefined, context: ExecutionContext): unknown => {
    const { principal } = messageOf(context) ?? context.switchToWs().getClient<Connection>();
    return claim === undefined ? principal : principal?.[claim];
  },
);
