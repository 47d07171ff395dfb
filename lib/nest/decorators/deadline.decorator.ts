import { DeadlineStage } from '../../pipeline/stages/deadline/deadline-stage.js';
import { stageDecorator } from './use-middleware.decorator.js';

/**
 * How long a handler may take, in milliseconds: after that a requester gets `DEADLINE_EXCEEDED`, and the handler's
 * `@AbortSignalParam()` fires. On a class it holds for each of its handlers. Of a handler that returns a stream it
 * bounds the time until the stream is there.
 *
 * @throws {OptionError} for less than 1
 * @example
 * \@Deadline(2_000)
 * \@SubscribeMessage('report')
 * report(@MessageBody() query: QueryDto, @AbortSignalParam() signal: AbortSignal) {}
 */
export const Deadline = stageDecorator('Deadline', (host, ms: number) => new DeadlineStage(ms, host));
