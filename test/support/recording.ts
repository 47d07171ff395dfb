import { Writable } from 'node:stream';
import { Recorder } from '../../lib/nest/decorators/recorder.decorator.js';
import type { RecorderOptions } from '../../lib/pipeline/stages/recorder/recorder.options.js';
import { EngineFixture, type FixtureOptions } from './engine-fixture.js';

/** A line, as it was written. */
export type Line = Record<string, unknown> & { readonly type: string };

/** Keeps what is written to it, as long as nobody holds it up. */
export class MemoryFile extends Writable {
  text = '';
  /** Called with what comes instead of taking it. */
  held: ((error?: Error) => void) | null = null;
  isHeld = false;

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk;
    if (this.isHeld) this.held = done;
    else done();
  }

  get lines(): Line[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  /** Of one type, without their times. */
  of(...types: string[]): Record<string, unknown>[] {
    return this.lines.filter(({ type }) => types.includes(type)).map(({ at: _at, ...line }) => line);
  }
}

/** An engine whose traffic is recorded. */
export async function startRecorded(
  fixture: FixtureOptions,
  options: RecorderOptions = {},
): Promise<{ fixture: EngineFixture; file: MemoryFile; recorded: () => Promise<MemoryFile> }> {
  const file = new MemoryFile();
  const middleware = [...(fixture.host?.middleware ?? []), Recorder.of(file, options)];
  const started = await EngineFixture.start({ ...fixture, host: { ...fixture.host, middleware } });
  return {
    fixture: started,
    file,
    recorded: async () => {
      await started.stop();
      return file;
    },
  };
}
