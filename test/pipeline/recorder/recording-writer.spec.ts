import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecorderStage } from '../../../lib/pipeline/stages/recorder/recorder.stage.js';
import type { RecorderOptions } from '../../../lib/pipeline/stages/recorder/recorder.options.js';
import { RecordingWriter } from '../../../lib/pipeline/stages/recorder/recording-writer.js';
import { FakeClock } from '../../support/fake-clock.js';
import { MemoryFile, startRecorded } from '../../support/recording.js';
import { until } from '../../support/session-fixture.js';
import { TestStageHost } from '../../support/stage-host.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Bench {
  readonly file = new MemoryFile();
  readonly clock = new FakeClock();
  readonly host = new TestStageHost(this.clock);
  readonly writer: RecordingWriter;

  constructor(bufferBytes = 100, flushMs = 1_000) {
    this.writer = new RecordingWriter(this.file, { bufferBytes, flushMs }, this.host, (gap) =>
      JSON.stringify({ type: 'gap', ...gap }),
    );
  }

  /** So many characters. */
  write(connection: number, length = 40): void {
    const empty = JSON.stringify({ type: 'in', connection, data: '' });
    this.writer.write(
      JSON.stringify({ type: 'in', connection, data: 'x'.repeat(length - empty.length) }),
      connection,
    );
  }
}

describe('a disk that does not keep up', () => {
  it('costs lines beyond the buffer, which are counted, and named in a gap as soon as there is room', async () => {
    const { file, writer, host, write } = bench();
    file.isHeld = true;
    write(1);
    await turn();
    expect(file.text).toHaveLength(41);
    // 41 bytes are with the stream, and 59 may wait.
    write(2);
    write(2);
    write(3);
    write(2);
    await turn();
    expect(host.counts).toEqual({ 'recorder.lost': 3 });
    expect(host.lines).toHaveLength(1);
    file.isHeld = false;
    file.held?.();
    await turn();
    write(4);
    await writer.close();
    expect(
      file.lines.map(({ type, connection, lines, connections }) => connection ?? [type, lines, connections]),
    ).toEqual([1, 2, ['gap', 3, [2, 3]], 4]);
  });

  it('takes a line that fits exactly, and not one of a byte more', async () => {
    const { file, host, write } = bench(80);
    file.isHeld = true;
    write(1, 40);
    write(1, 40);
    write(1, 40);
    expect(host.counts).toEqual({ 'recorder.lost': 1 });
    const other = bench(80);
    other.write(1, 40);
    other.write(1, 41);
    expect(other.host.counts).toEqual({ 'recorder.lost': 1 });
    await turn();
  });

  it('is told at the end where nothing has come since, and waited for no longer than it may take', async () => {
    const { file, writer, host, clock, write } = bench(50, 1_000);
    file.isHeld = true;
    write(1);
    write(2);
    const closing = writer.close();
    await turn();
    expect(clock.timers).toBe(1);
    clock.advance(999);
    await turn();
    expect(host.lines).toHaveLength(1);
    clock.advance(1);
    await closing;
    expect(host.lines[1]).toBe('the end of the recording was not written within 1000 ms: it is cut off');
    expect(file.destroyed).toBe(true);
    expect(file.text).toContain('{"type":"gap","lines":1,"connections":[2]}');
  });
});

describe('a disk that is full', () => {
  it('ends the recording, is logged and counted, and harms nobody', async () => {
    const { fixture, file } = await startRecorded({ handlers: { say: (data) => data } });
    const client = await fixture.connect();
    await client.ask('say', 1);
    await until(() => file.text.includes('"out"'));
    file.isHeld = true;
    await client.ask('say', 2);
    await until(() => file.held !== null);
    file.held?.(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
    await until(() => file.destroyed);
    const before = file.text;
    expect((await client.ask('say', 3))['data']).toBe(3);
    client.close();
    await client.closed;
    await fixture.stop();
    expect(file.text).toBe(before);
    expect(fixture.engine.server.stats().stages).toMatchObject({ 'recorder.failed': 1 });
    expect(fixture.log.lines).toContain('Error: the recording has stopped: nothing more is written to it');
  });

  it('is told the same of a stream that somebody else has closed, and a folder that is not there', async () => {
    const { writer, file, host, write } = bench();
    file.destroy();
    await until(() => writer.isOver);
    write(1);
    expect(host.counts).toEqual({ 'recorder.failed': 1, 'recorder.lost': 1 });
    const nowhere = new TestStageHost();
    const other = new RecordingWriter(
      join(tmpdir(), 'gatewire-no-such-folder', 'file'),
      { bufferBytes: 1, flushMs: 1 },
      nowhere,
      () => '',
    );
    await until(() => other.isOver);
    expect(nowhere.counts).toEqual({ 'recorder.failed': 1 });
    await other.close();
  });
});

describe('a file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatewire-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is appended to, on a line of its own, whatever a process that died has left', async () => {
    const path = join(folder, 'traffic.ndjson');
    writeFileSync(path, '{"type":"recording","version":1}\n{"type":"in","da');
    const host = new TestStageHost();
    const writer = new RecordingWriter(path, { bufferBytes: 1_000, flushMs: 5_000 }, host, () => '');
    writer.write('{"type":"recording"}', 0);
    await writer.close();
    const fresh = new RecordingWriter(
      join(folder, 'new'),
      { bufferBytes: 1_000, flushMs: 5_000 },
      host,
      () => '',
    );
    fresh.write('{"type":"recording"}', 0);
    await fresh.close();
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      '{"type":"recording","version":1}',
      '{"type":"in","da',
      '{"type":"recording"}',
      '',
    ]);
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('{"type":"recording"}\n');
  });
});

describe('options that cannot work', () => {
  it.each<[string, RecorderOptions]>([
    ['sample', { sample: 1.1 }],
    ['sample', { sample: -0.1 }],
    ['redact', { redact: ['password'] }],
    ['redact', { redact: ['data..x'] }],
    ['bufferBytes', { bufferBytes: 0 }],
    ['flushMs', { flushMs: -1 }],
  ])('%s is refused: %j', (option, options) => {
    const file = new MemoryFile();
    expect(() => new RecorderStage(file, options, new TestStageHost())).toThrow(
      `gatewire option "${option}"`,
    );
    expect(file.text).toBe('');
  });

  it('target is refused', () => {
    for (const target of ['', 7, null, {}])
      expect(() => new RecorderStage(target as never, {}, new TestStageHost())).toThrow(
        'gatewire option "target"',
      );
  });
});

function bench(...args: ConstructorParameters<typeof Bench>): Bench & { write: Bench['write'] } {
  const made = new Bench(...args);
  made.write = made.write.bind(made);
  return made;
}
