import { jest } from '@jest/globals';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import { TestClient } from '../support/test-client.js';
import { freePort } from '../support/free-port.js';
import { buildSample, SampleServer } from './built-samples.js';
import { logIn, protocolsOf, signedFrame, type TradingLogin } from './trading-login.js';

jest.setTimeout(120_000);

describe('the sample 03-secure-trading', () => {
  const order = { symbol: 'AURA', side: 'buy', quantity: 10 };
  let server: SampleServer;
  let port: number;
  let url: string;

  beforeAll(async () => {
    await buildSample('03-secure-trading');
    port = await freePort();
    url = `ws://127.0.0.1:${port}/trading`;
    server = await SampleServer.start('03-secure-trading', port);
  });

  afterAll(() => server.stop('SIGKILL'));

  async function connect(user: string, password: string): Promise<[TestClient, TradingLogin]> {
    const login = (await (await logIn(port, user, password)).json()) as TradingLogin;
    return [await TestClient.open(url, protocolsOf(login.token)), login];
  }

  async function answerTo(client: TestClient, text: string): Promise<Record<string, unknown>> {
    client.send(text);
    for (;;) {
      const frame = await client.nextJson();
      if (frame['id'] !== undefined || frame['event'] === 'exception') return frame;
    }
  }

  it('refuses a wrong password, an unknown user and who has no token with 401', async () => {
    expect((await logIn(port, 'ada', 'wrong')).status).toBe(401);
    expect((await logIn(port, 'nobody', 'wrong')).status).toBe(401);
    expect(await refusedUpgrade(url, 'gatewire.v1.json')).toMatchObject({ status: 401 });
    expect(await refusedUpgrade(url, protocolsOf('e30.e30.e30'))).toMatchObject({ status: 401 });
  });

  it('takes a signed order once, and no unsigned or wrong one', async () => {
    const [ada, login] = await connect('ada', 'correct horse battery');
    expect(await ada.ask('whoami')).toMatchObject({ data: { id: 'ada' } });
    const frame = await signedFrame(login, { event: 'order.create', id: 'o1', data: order });
    expect(await answerTo(ada, frame)).toMatchObject({ id: 'o1', data: order });
    expect(await answerTo(ada, frame)).toMatchObject({ event: 'exception', data: { code: 'REPLAYED' } });
    expect(await ada.ask('order.create', order, 'o2')).toMatchObject({
      error: { code: 'PROTECTION_REQUIRED' },
    });
    const invalid = { event: 'order.create', id: 'o3', data: { ...order, quantity: 0 } };
    expect(await answerTo(ada, await signedFrame(login, invalid))).toMatchObject({
      error: { code: 'VALIDATION_FAILED' },
    });
    ada.terminate();
  });

  it('knows a signature only on the connection of its own session', async () => {
    const [ada] = await connect('ada', 'correct horse battery');
    const [guest, guestLogin] = await connect('guest', 'only looking around');
    const frame = await signedFrame(guestLogin, { event: 'order.create', id: 1, data: order });
    expect(await answerTo(ada, frame)).toMatchObject({ data: { code: 'BAD_SIGNATURE' } });
    expect(await answerTo(guest, frame)).toMatchObject({
      error: { code: 'FORBIDDEN', details: { missing: ['orders:write'] } },
    });
    ada.terminate();
    guest.terminate();
  });

  it('refreshes a token on the open connection, and ends cleanly on SIGTERM', async () => {
    const [ada, { token }] = await connect('ada', 'correct horse battery');
    const refresh = (bearer: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/refresh`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
      });
    expect((await refresh('e30.e30.e30')).status).toBe(401);
    const fresh = (await (await refresh(token)).json()) as { token: string };
    expect(await ada.ask('$auth', { token: fresh.token })).toMatchObject({ data: { ok: true } });
    ada.terminate();
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});
