import { Readable } from 'node:stream';
import type { RecorderOptions } from '../../lib/pipeline/stages/recorder/recorder.options.js';
import { replay } from '../../lib/replay/replay.js';
import type { ReplayOptions } from '../../lib/replay/replay.options.js';
import type { ReplayReport } from '../../lib/replay/replay-report.js';
import { EngineFixture, type FixtureOptions } from './engine-fixture.js';
import { type MemoryFile, startRecorded } from './recording.js';

/** Lets everybody into every room. */
export const everybody = { pattern: '**', canSubscribe: () => true, canPublish: () => true };

/** Records what `play` does, and replays it against a server with other handlers. */
export async function played(
  fixture: FixtureOptions,
  play: (fixture: EngineFixture) => Promise<void>,
  {
    changed = {},
    recorder,
    ...options
  }: Partial<ReplayOptions> & { changed?: Partial<FixtureOptions>; recorder?: RecorderOptions } = {},
): Promise<ReplayReport & { file: MemoryFile }> {
  const { fixture: first, recorded } = await startRecorded(fixture, recorder);
  await play(first);
  const file = await recorded();
  const second = await EngineFixture.start({
    ...fixture,
    options: { ...fixture.options, shutdown: { drainMs: 20 } },
    ...changed,
  });
  try {
    return {
      ...(await replay({
        file: Readable.from([file.text]),
        url: second.url,
        speed: 'max',
        timeoutMs: 300,
        ...options,
      })),
      file,
    };
  } finally {
    await second.stop();
  }
}

/** A recording of these lines, with a header before them. */
export function recordingOf(lines: readonly object[], header: object = {}): Readable {
  const all = [
    { type: 'recording', version: 1, startedAt: '2026-01-01T00:00:00.000Z', sample: 1, ...header },
    ...lines,
  ];
  return Readable.from(all.map((line) => `${JSON.stringify(line)}\n`));
}
