import type { LatencySummary } from './latency-histogram.js';
import type { PathDifference } from './value-difference.js';

/** Something that the server has sent otherwise than it was recorded. */
export interface ReplayDifference {
  /** `changed`: another answer or event. `missing`: it was recorded and has not come. `unexpected`: it has come and was not recorded. */
  readonly kind: 'changed' | 'missing' | 'unexpected';
  /** Number of the connection in the recording; from the second on, of a part that was appended, it goes on counting. */
  readonly connection: number;
  /** Of an answer, the event of its request; `$close` for the end of the connection. */
  readonly event: string;
  /** Of an answer, the request's. */
  readonly id?: string | number;
  /** Milliseconds from the start of the recording. */
  readonly at: number;
  /** Where they differ, at most ten places; long texts are cut. */
  readonly paths: readonly PathDifference[];
}

/** What became of a replay. */
export interface ReplayReport {
  /** No difference, and nothing has failed. */
  readonly isSame: boolean;
  readonly recording: {
    readonly startedAt: string;
    readonly sample: number;
    /** From its first line to its last. */
    readonly durationMs: number;
    /** Lines that could not be read. */
    readonly brokenLines: number;
    /** Lines that the recorder has lost. */
    readonly lostLines: number;
    /** The recorder was shut down in order: nothing is missing at its end. */
    readonly isWhole: boolean;
  };
  /** How long it has taken. */
  readonly durationMs: number;
  readonly connections: { readonly opened: number; readonly failed: number };
  /** `unsent`: their connection had failed or was gone, or `rewrite` has left them out. */
  readonly messages: { readonly sent: number; readonly unsent: number; readonly received: number };
  /** Answers and events that were compared, and were the same. */
  readonly same: number;
  /** All there were. */
  readonly differing: number;
  /** The first ones. */
  readonly differences: readonly ReplayDifference[];
  /** What has failed, each kind once: connections, messages that the codec cannot hold. */
  readonly failures: readonly string[];
  /** From a request to its answer, or to the first item of a stream. */
  readonly latencyMs: LatencySummary;
  /** The same in the recording, as the server saw it. */
  readonly recordedLatencyMs: LatencySummary;
  /** How much later than planned messages were sent: more than a little says that it is the replay that does not keep up. */
  readonly lateMs: LatencySummary;
}
