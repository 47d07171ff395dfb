import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PageServer } from './page-server.js';

jest.setTimeout(120_000);

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a page without any bundler has in it. */
const page = `<!doctype html>
<title>A script tag</title>
<script src="/gatewire-client.js"></script>
<script>
  const client = gatewire.createClient({ url: '/', reconnect: gatewire.exponential({ minMs: 50 }) });
  const heard = [];
  client.on('news', (data) => heard.push(data));
</script>`;

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('the client of a script tag', () => {
  let server: PageServer | undefined;

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: root });
    server = await PageServer.start({
      handlers: {
        sum: (data) => (data as number[]).reduce((sum, each) => sum + each, 0),
        bytes: (data) => new Uint8Array(data as Uint8Array).toReversed(),
      },
      files: {
        '/': page,
        '/gatewire-client.js': readFileSync(`${root}dist/client/gatewire-client.js`, 'utf8'),
      },
    });
  });
  afterAll(() => server?.stop());

  it('is the global gatewire, whole in one file: it asks, hears, sends bytes, and closes', async () => {
    const tab = await server!.open();
    expect(await tab.evaluate(`client.request('sum', [1, 2, 3])`)).toBe(6);
    expect(
      await tab.evaluate(`client.request('bytes', new Uint8Array([1, 2])).then((bytes) => [...bytes])`),
    ).toEqual([2, 1]);
    server!.engine.engine.server.emit('news', 'first');
    await tab.waitForFunction(`heard.length === 1`);
    expect(await tab.evaluate(`heard`)).toEqual(['first']);
    await tab.evaluate(`client.close()`);
    expect(await tab.evaluate(`client.state`)).toBe('closed');
    expect(server!.requested.filter((path) => path.endsWith('.js'))).toEqual(['/gatewire-client.js']);
    expect(server!.errors).toEqual([]);
  });
});
