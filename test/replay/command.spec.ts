import { replayCommand } from '../../lib/replay/command.js';
import type { ReplayReport } from '../../lib/replay/replay-report.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { recordingOf } from '../support/replayed.js';

describe('gatewire-replay', () => {
  let fixture: EngineFixture;
  let headers: (string | string[] | undefined)[];

  beforeAll(async () => {
    fixture = await EngineFixture.start({
      handlers: { say: (data) => ({ text: data, at: Math.random() }) },
      connect: ({ handshake }) => {
        headers = [handshake.headers['authorization'], handshake.headers['x-a'], handshake.headers['x-b']];
      },
    });
  });

  afterAll(() => fixture.stop());

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const said = { out: '', err: '' };
    const stdin = recordingOf([
      { type: 'opened', at: 0, connection: 1, path: '/' },
      { type: 'in', at: 0, connection: 1, event: 'say', id: 7, data: 'hi' },
      { type: 'out', at: 3, connection: 1, id: 7, data: { text: 'hi', at: 2 } },
      { type: 'in', at: 0, connection: 1, event: 'say', id: 8, data: 'ho' },
      { type: 'out', at: 3, connection: 1, id: 8, data: { text: 'HO', at: 2 } },
    ]);
    const code = await replayCommand(args, {
      stdin,
      stdout: { write: (text: string) => Boolean((said.out += text)) },
      stderr: { write: (text: string) => Boolean((said.err += text)) },
    });
    return { code, ...said };
  }

  it('ends with 0 where nothing is otherwise', async () => {
    const { code, out } = await run(
      '-',
      fixture.url,
      '--speed',
      'max',
      '--ignore',
      '**.at',
      '--ignore',
      'say:data.text',
    );
    expect(code).toBe(0);
    expect(out).toMatch(
      /^1 connections, 0 failed; 2 messages sent, 0 not; 3 received\n2 the same, 0 otherwise\n/,
    );
  });

  it('ends with 1 where something is, and says what and where', async () => {
    const { code, out } = await run('-', fixture.url, '--speed', '1000', '--ignore', 'data.at');
    expect(code).toBe(1);
    expect(out).toContain(
      ['changed: say (id 8), connection 1, at 0 ms', '  - data.text "HO"', '  + data.text "ho"'].join('\n'),
    );
  });

  it('gives the whole report as JSON, and no more differences than it is asked for', async () => {
    const { code, out } = await run('-', fixture.url, '--json', '--max-differences', '1', '--timeout', '900');
    expect(code).toBe(1);
    const report = JSON.parse(out) as ReplayReport;
    expect(report).toMatchObject({ differing: 2, recordedLatencyMs: { count: 2, max: 3 } });
    expect(report.differences).toHaveLength(1);
    expect((await run('-', fixture.url, '--max-differences', '1')).out).toMatch(/… and 1 more\n$/);
  });

  it('sends credentials and headers, from several connections', async () => {
    const options = ['--token', 't', '--header', 'x-a: 1:2', '--header', 'x-b:3', '--connections', '2'];
    const { out } = await run('-', fixture.url, ...options, '--compare', 'none', '--ordered');
    expect(out).toMatch(/^2 connections, 0 failed; 4 messages sent/);
    expect(headers).toEqual(['Bearer t', '1:2', '3']);
  });

  it.each([
    [['-'], 'a recording and a URL are needed'],
    [['-', 'x', 'y'], 'a recording and a URL are needed'],
    [['-', 'nowhere'], 'gatewire option "url"'],
    [['-', 'ws://x', '--speed', 'fast'], 'gatewire option "speed"'],
    [['-', 'ws://x', '--header', 'x'], 'gatewire option "header"'],
    [['-', 'ws://x', '--what'], "Unknown option '--what'"],
    [['/no/such/file', 'ws://x'], 'ENOENT'],
  ])('ends with 2 where it cannot: %j', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^gatewire-replay: /);
    expect(err).toContain(message);
  });

  it('says how it is used', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('gatewire-replay <recording> <url>');
  });
});
