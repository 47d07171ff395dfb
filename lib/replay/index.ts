/** `gatewire/replay`: sends what was recorded by `Recorder` to a server, and compares the answers. */
export { replay } from './replay.js';
export type { PerConnection, ReplayConnection, ReplayMessage, ReplayOptions } from './replay.options.js';
export type { ReplayDifference, ReplayReport } from './replay-report.js';
export type { LatencySummary } from './latency-histogram.js';
export type { PathDifference } from './value-difference.js';
export { ReplayError } from './replay-error.js';
export { RecordingReader } from './recording-reader.js';
export type { RecordingSource } from './recording-reader.js';
export type {
  ClosedLine,
  EndLine,
  GapLine,
  MessageLine,
  OpenedLine,
  RecordingHeader,
  RecordingLine,
} from '../exchange/recording/recording-line.js';
export { decodeRecorded } from '../exchange/recording/recorded-value.js';
