import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Connection } from '../../lib/connection/connection.js';
import { replay } from '../../lib/replay/replay.js';
import type { ReplayOptions } from '../../lib/replay/replay.options.js';
import { EngineFixture, type FixtureOptions } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { recordingOf } from '../support/replayed.js';
import { until } from '../support/session-fixture.js';

const opened = (connection: number, at = 0, path = '/'): object => ({ type: 'opened', at, connection, path });
const asked = (connection: number, id: number, at = 0, data: unknown = id): object => ({
  type: 'in',
  at,
  connection,
  event: 'say',
  id,
  data,
});
const answered = (connection: number, id: number, at = 0, data: unknown = id): object => ({
  type: 'out',
  at,
  connection,
  id,
  data,
});

describe('a replay', () => {
  let fixture: EngineFixture;
  let heard: unknown[];
  const start = async (options: FixtureOptions = {}): Promise<void> => {
    heard = [];
    const say = (data: unknown): unknown => {
      heard.push(data);
      return data;
    };
    fixture = await EngineFixture.start({
      handlers: { say },
      path: '/*',
      options: { shutdown: { drainMs: 20 } },
      ...options,
    });
  };
  afterEach(() => fixture.stop());

  const run = (lines: readonly object[], options: Partial<ReplayOptions> = {}): ReturnType<typeof replay> =>
    replay({ file: recordingOf(lines), url: fixture.url, speed: 'max', timeoutMs: 300, ...options });

  it.each([
    [1, 2_000],
    [2, 1_000],
    [0.5, 4_000],
  ])('keeps to the clock at %d times the speed', async (speed, waitMs) => {
    await start();
    const clock = new FakeClock();
    const running = run([opened(1), asked(1, 1, 2_000), answered(1, 1, 2_000)], { speed, clock });
    await until(() => clock.timers === 1);
    await until(() => fixture.endpoint.connections.size === 1);
    clock.advance(waitMs - 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([]);
    clock.advance(1);
    await until(() => heard.length === 1);
    expect(await running).toMatchObject({
      isSame: true,
      durationMs: waitMs,
      lateMs: { count: 1, max: 0 },
      recording: { durationMs: 2_000 },
    });
  });

  it('does not wait for answers by the clock, and says how late it is', async () => {
    await start({ handlers: { say: () => new Promise(() => undefined) } });
    const clock = new FakeClock();
    const running = run([opened(1), asked(1, 1, 10), answered(1, 1, 10), asked(1, 2, 20)], {
      speed: 1,
      clock,
    });
    await until(() => fixture.endpoint.connections.size === 1 && clock.timers === 1);
    clock.advance(10);
    await until(() => clock.timers === 2);
    clock.advance(25);
    await until(() => fixture.engine.server.stats().counters.messagesReceived === 2);
    await until(() => clock.timers === 1);
    clock.advance(300);
    // What is left is the last question to a server, which answers, and the end.
    const report = await running;
    expect(report).toMatchObject({ differing: 1, messages: { sent: 2 }, lateMs: { count: 2, max: 15 } });
    expect(report.differences[0]).toMatchObject({ kind: 'missing', event: 'say', id: 1, at: 10 });
  });

  it('waits at full speed for what had come before: a message is sent when its answers are there', async () => {
    await start();
    const lines = [opened(1), opened(2)];
    for (let i = 1; i <= 50; i++) lines.push(asked(1 + (i % 2), i), answered(1 + (i % 2), i));
    const report = await run(lines);
    expect(report.isSame).toBe(true);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('makes as many connections of each as it is told, with credentials and headers of their own', async () => {
    const came: string[] = [];
    await start({
      connect: ({ handshake }: Connection) => {
        came.push(
          `${handshake.url} ${handshake.headers['authorization'] as string} ${handshake.headers['x-copy'] as string}`,
        );
      },
    });
    const line = { ...opened(1, 0, '/chat/a%20b'), query: 'lang=de', user: 'u1' };
    const report = await run([line, asked(1, 1), answered(1, 1)], {
      url: `${fixture.url.replace('ws', 'http')}/base/?v=1`,
      connections: 3,
      token: ({ user, copy }) => Promise.resolve(`${user ?? ''}-${copy}`),
      headers: ({ copy }) => ({ 'x-copy': String(copy) }),
    });
    expect(came.sort()).toEqual(
      [0, 1, 2].map((copy) => `/base/chat/a%20b?v=1&lang=de Bearer u1-${copy} ${copy}`),
    );
    expect(report).toMatchObject({
      isSame: true,
      connections: { opened: 3 },
      same: 3,
      latencyMs: { count: 3 },
    });
  });

  it('compares answers alone where a sample was recorded, unless it is told to compare all', async () => {
    await start();
    const lines = [opened(1), { type: 'out', at: 0, connection: 1, event: 'from others', data: 1 }];
    const differing = async (sample: number, compare?: 'all'): Promise<number> =>
      (await run([], { file: recordingOf(lines, { sample }), ...(compare && { compare }) })).differing;
    expect(await differing(0.5)).toBe(0);
    expect(await differing(1)).toBe(1);
    expect(await differing(0.5, 'all')).toBe(1);
  });

  it('cares for nothing but that answers come, for a load', async () => {
    await start();
    const lines = [opened(1), asked(1, 1), answered(1, 1, 0, 'another'), asked(1, 2), answered(1, 2)];
    expect(await run(lines, { compare: 'none' })).toMatchObject({ isSame: true, same: 2 });
    const silent = recordingOf([opened(1), { ...asked(1, 1), event: 'never' }, answered(1, 1)]);
    await fixture.stop();
    await start({ handlers: { never: () => new Promise(() => undefined) } });
    expect(await run([], { file: silent, compare: 'none' })).toMatchObject({ isSame: false, differing: 1 });
  });

  it('goes on without what a gap has taken: answers of before are not awaited, events not judged', async () => {
    await start();
    const report = await run([
      opened(1),
      asked(1, 1),
      { type: 'gap', at: 1, lines: 3, connections: [1, 7] },
      { type: 'out', at: 1, connection: 1, event: 'lost cause', data: 1 },
      asked(1, 2),
      answered(1, 2),
      asked(9, 1),
      { type: 'end', at: 2 },
    ]);
    expect(report).toMatchObject({
      isSame: true,
      same: 1,
      messages: { sent: 2, unsent: 1 },
      recording: { lostLines: 3, isWhole: true },
    });
  });

  it('reads what a killed process has left, and a part that was appended', async () => {
    await start();
    const part = (startedAt: string): string =>
      JSON.stringify({ type: 'recording', version: 1, startedAt, sample: 1 });
    const folder = mkdtempSync(join(tmpdir(), 'gatewire-'));
    const file = join(folder, 'traffic.ndjson');
    const text = [
      part('2026-01-01T00:00:00.000Z'),
      opened(1),
      asked(1, 1),
      answered(1, 1),
      '{"type":"in","at":1,"connec',
      part('2026-01-01T00:00:07.000Z'),
      opened(1, 5),
      { type: 'of a later version', at: 6 },
      asked(1, 1, 6, 'b'),
      answered(1, 1, 6, 'c'),
      '{"type":"in"}',
      '{"ty',
    ].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(file, text.join('\n'));
    try {
      const report = await run([], { file });
      expect(heard).toEqual([1, 'b']);
      expect(report).toMatchObject({
        differences: [{ connection: 2, event: 'say', id: 1, at: 7_006 }],
        connections: { opened: 2 },
        recording: { brokenLines: 3, durationMs: 7_006, isWhole: false },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells of connections that are refused, and goes on with the others', async () => {
    await start({
      handshake: ({ handshake }) => {
        if (handshake.path === '/private') throw new Error('no');
      },
    });
    const report = await run([
      opened(1, 0, '/private'),
      opened(2),
      asked(1, 1),
      answered(1, 1),
      asked(2, 1),
      answered(2, 1),
    ]);
    expect(report).toMatchObject({
      isSame: false,
      differing: 0,
      connections: { opened: 1, failed: 1 },
      messages: { sent: 1, unsent: 1 },
    });
    expect(report.failures).toEqual([
      expect.stringMatching(/^a connection to \/private could not be opened: \d+/),
    ]);
  });

  it('ends when it is told to', async () => {
    await start({ handlers: { say: () => new Promise(() => undefined) } });
    const abort = new AbortController();
    const running = run([opened(1), asked(1, 1), answered(1, 1), asked(1, 2)], {
      signal: abort.signal,
      timeoutMs: 60_000,
    });
    await until(() => fixture.engine.server.stats().counters.messagesReceived === 1);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await until(() => fixture.endpoint.connections.size === 0);
    await expect(run([], { signal: abort.signal })).rejects.toThrow('enough');
  });

  it('leaves no connection behind when something of the application throws', async () => {
    await start();
    const lines = [opened(1), asked(1, 1), answered(1, 1, 0, 'another'), asked(1, 2)];
    const rewrite = (): never => {
      throw new Error('cannot rewrite');
    };
    await expect(run(lines, { rewrite })).rejects.toThrow('cannot rewrite');
    await until(() => fixture.endpoint.connections.size === 0);
    const report = await run(lines, { onDifference: rewrite });
    expect(report).toMatchObject({
      differing: 1,
      failures: ['onDifference has thrown: Error: cannot rewrite'],
      messages: { sent: 2 },
    });
    const { failures } = await run(lines, { token: rewrite });
    expect(failures).toEqual([expect.stringContaining('cannot rewrite')]);
  });

  it('reads no further than a server answers: what is awaited is bounded', async () => {
    await start({ handlers: { say: () => new Promise(() => undefined) } });
    let read = 0;
    const endless = async function* (): AsyncGenerator<string> {
      const header = { type: 'recording', version: 1, startedAt: '2026-01-01T00:00:00Z', sample: 1 };
      yield `${JSON.stringify(header)}\n${JSON.stringify(opened(1))}\n`;
      for (let id = 1; ; id++) {
        read = id;
        yield await Promise.resolve(`${JSON.stringify(asked(1, id))}\n${JSON.stringify(answered(1, id))}\n`);
      }
    };
    const abort = new AbortController();
    const options = { file: endless(), speed: 1_000, timeoutMs: 60_000, signal: abort.signal };
    const running = run([], options);
    running.catch(() => undefined);
    await until(() => read >= 10_000);
    // Whatever it does in so many turns more, it does not read.
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeLessThanOrEqual(10_002);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it.each<[string, string]>([
    ['this is no recording: it is empty', ''],
    ['this is no recording: its first line says nothing of one', '{"type":"in","at":1}\n'],
    ['this is no recording: its first line says nothing of one', 'PK\u0003\u0004\n'],
    ['the recording is of version 2: version 1 can be read', '{"type":"recording","version":2}\n'],
  ])('refuses a file: %s', async (message, text) => {
    await start();
    await expect(run([], { file: Readable.from([text]) })).rejects.toThrow(message);
  });

  it.each<[string, Partial<ReplayOptions>]>([
    ['speed', { speed: 0 }],
    ['speed', { speed: Infinity }],
    ['connections', { connections: 0 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['compare', { compare: 'some' as 'all' }],
    ['url', { url: 'ftp://x' }],
    ['url', { url: 'nowhere' }],
    ['file', { file: 7 as unknown as string }],
    ['ignore', { ignore: ['say:'] }],
  ])('refuses an option that cannot work: %s', async (option, options) => {
    await start();
    await expect(run([], options)).rejects.toThrow(`gatewire option "${option}"`);
  });
});
