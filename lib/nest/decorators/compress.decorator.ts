import type { CompressOptions } from '../../pipeline/stages/compression/compress.options.js';
import { CompressStage } from '../../pipeline/stages/compression/compress.stage.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Compresses the data of messages that go out, once for all receivers, and inflates what comes in compressed.
 * Emits pass the module's `middleware` (`Compress.of({...})`); on a gateway or handler it is for replies and what comes in.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * Compress.of({ events: ['report.*'], encoding: 'br' })
 */
export const Compress: StageDecorator<[options?: CompressOptions]> = stageDecorator(
  'Compress',
  (host, options) => new CompressStage(options, host),
);
