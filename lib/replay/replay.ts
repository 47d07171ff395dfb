import type { ReplayReport } from './replay-report.js';
import { ReplayRun } from './replay-run.js';
import { type ReplayOptions, resolveReplayOptions } from './replay.options.js';

/**
 * Sends what clients had sent while `Recorder` was recording to a server, at the speed of then or another, and says what it
 * answers otherwise. The recording is read as it is needed: it may be of any length.
 *
 * @throws {OptionError} for options that cannot work
 * @throws {ReplayError} for what is no recording
 *
 * @example
 * const report = await replay({ file: 'traffic.ndjson', url: 'ws://localhost:3000', speed: 'max', ignore: ['**.createdAt'] });
 * if (!report.isSame) console.log(report.differences);
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const run = new ReplayRun(resolveReplayOptions(options));
  const { signal } = options;
  signal?.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([run.run(), aborted]);
  } catch (error) {
    run.stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
