import { toErrorBody } from '../../pipeline/error-body.js';
import type { MessageLogOptions } from '../../pipeline/stages/logging/message-log.options.js';
import { MessageLogStage } from '../../pipeline/stages/logging/message-log.stage.js';
import { mapNestError } from '../error-mapper.js';
import { NestLogSink } from '../nest-log-sink.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

const context = 'MessageLog';

/**
 * Writes a structured line for each message through Nest's `Logger`, when its outcome is known; in the module's
 * `middleware` also for connections that come and go. Put it first, so that it sees what the other stages do.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * MessageLog.of({ sample: { 'tick.*': 0.01 }, payload: true, redact: ['data.password'] })
 */
export const MessageLog: StageDecorator<[options?: MessageLogOptions]> = stageDecorator(
  'MessageLog',
  (host, options = {}) =>
    new MessageLogStage(options, {
      host,
      sink: new NestLogSink(context),
      codeOf: (error) => toErrorBody(error, mapNestError).code,
    }),
);
