import { jest } from '@jest/globals';
import { TestClient } from '../support/test-client.js';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';

jest.setTimeout(120_000);

describe('samples', () => {
  let server: SampleServer | undefined;
  afterEach(() => server?.stop('SIGKILL'));

  it('01-echo echoes, and ends cleanly on SIGTERM', async () => {
    await buildSample('01-echo');
    const port = await freePort();
    server = await SampleServer.start('01-echo', port);
    const client = await TestClient.open(`ws://127.0.0.1:${port}`);
    expect(await client.ask('echo', 'hello')).toEqual({ id: 1, event: 'echo', data: 'hello' });
    const stopped = server.stop('SIGTERM');
    expect(await client.closed).toEqual({ code: 1001, reason: 'server is shutting down' });
    expect(await stopped).toBe(0);
  });

  it('02-chat serves its page, takes people in, and delivers between them', async () => {
    await buildSample('02-chat');
    const port = await freePort();
    server = await SampleServer.start('02-chat', port);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(await page.text()).toContain('<title>gatewire chat</title>');
    const url = `ws://127.0.0.1:${port}/chat`;
    const ada = await TestClient.open(`${url}?id=${'a'.repeat(32)}&name=Ada`);
    const bob = await TestClient.open(`${url}?id=${'b'.repeat(32)}&name=Bob`);
    await ada.ask('join', { room: 'lobby' });
    await bob.ask('join', { room: 'lobby' }, 'join');
    const message = { room: 'lobby', id: 'c'.repeat(32), text: 'hi' };
    expect(await ada.ask('message', message, 'm')).toMatchObject({ id: 'm', data: { received: false } });
    for (;;) {
      const frame = await bob.nextJson();
      if (frame['event'] !== 'message') continue;
      expect(frame['data']).toMatchObject({ text: 'hi', author: { name: 'Ada' } });
      break;
    }
    expect(await bob.ask('message', { room: 'lobby', id: 'x', text: 5 }, 'bad')).toMatchObject({
      error: { code: 'VALIDATION_FAILED' },
    });
    ada.terminate();
    bob.terminate();
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});
