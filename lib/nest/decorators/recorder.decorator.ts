import { RecorderStage } from '../../pipeline/stages/recorder/recorder.stage.js';
import type { RecorderOptions, RecordingTarget } from '../../pipeline/stages/recorder/recorder.options.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Records what clients send and receive, decoded, one JSON object a line: for `replay` of `gatewire/replay`. In the module's
 * `middleware` all gateways, or on a gateway its endpoint; on a handler it records nothing. Where it stands among other
 * stages does not matter.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * Recorder.of('traffic.ndjson', { sample: 0.01, redact: ['data.password', '**.token'] })
 */
export const Recorder: StageDecorator<[target: RecordingTarget, options?: RecorderOptions]> = stageDecorator(
  'Recorder',
  (host, target, options = {}) => new RecorderStage(target, options, host),
);
