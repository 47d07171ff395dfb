import { closeReaction, closeTraits } from '../../lib/protocol/close-code.js';
import { exponential, fixed, type RetryAttempt } from '../../lib/exchange/retry-strategy.js';
import { ClientFixture } from './support/client-fixture.js';
import { ScriptedServer } from './support/scripted-server.js';

describe('the connection of a client', () => {
  let fixture: ClientFixture;

  beforeEach(async () => {
    fixture = await ClientFixture.start();
  });

  afterEach(() => fixture.stop());

  it('goes through its states', async () => {
    const [client, side] = await fixture.open();
    side.socket.terminate();
    await fixture.comeBack();
    await fixture.until(() => client.state === 'open');
    await client.close();
    expect(fixture.states).toEqual([
      'connecting',
      'authenticating',
      'open',
      'waiting',
      'connecting',
      'authenticating',
      'open',
      'closed',
    ]);
  });

  const sendable = Object.keys(closeTraits)
    .map(Number)
    .filter((code) => ![1005, 1006, 1010, 1015].includes(code));

  it.each(sendable)('does after close code %d what the table says', async (code) => {
    const [client, side] = await fixture.open();
    side.socket.close(code, 'because');
    const expected = closeReaction(code) === 'reconnect' ? 'waiting' : 'closed';
    await fixture.until(() => client.state === expected);
    expect(client.status.closed).toEqual({ code, reason: 'because' });
  });

  it('gets new credentials once, at once, after 4401; then with backoff', async () => {
    let asked = 0;
    const delays: RetryAttempt[] = [];
    const reconnect = (attempt: RetryAttempt): number => {
      delays.push(attempt);
      return 1_000;
    };
    const token = (): string => `token ${++asked}`;
    const [client, first] = await fixture.open({ token, reconnect });
    expect(first.request.headers.authorization).toBe('Bearer token 1');
    first.socket.close(4401, 'expired');
    await fixture.until(() => client.state === 'waiting');
    fixture.clock.advance(0);
    const second = await fixture.server.arrival();
    expect(second.request.headers.authorization).toBe('Bearer token 2');
    second.socket.close(4401, 'expired');
    await fixture.until(() => delays.length === 1);
    expect(client.status).toMatchObject({ state: 'waiting', attempt: 2, retryInMs: 1_000 });
  });

  it('asks for url, token and headers at every attempt, also when they take time', async () => {
    let attempt = 0;
    const [, first] = await fixture.open({
      url: () => Promise.resolve(`${fixture.server.url}/${++attempt}`),
      headers: async () => ({ 'x-attempt': String(await Promise.resolve(attempt)) }),
    });
    first.socket.terminate();
    const second = await fixture.comeBack();
    expect([first.request.url, second.request.url]).toEqual(['/1', '/2']);
    expect(second.request.headers['x-attempt']).toBe('2');
  });

  it('sends the token in a message where it is told to', async () => {
    const client = fixture.client({ token: 'secret', tokenIn: 'message' });
    const side = await fixture.server.arrival();
    expect(side.request.headers.authorization).toBeUndefined();
    expect(side.request.headers['sec-websocket-protocol']).toBe('gatewire.v1.json,gatewire.session');
    const { id, data } = await side.next('$auth');
    expect(data).toEqual({ token: 'secret' });
    side.send({ id: id as number, data: { ok: true } });
    await side.welcome();
    await fixture.until(() => client.state === 'open');
  });

  it('stops when the server does not want its token', async () => {
    const client = fixture.client({ token: 'bad', tokenIn: 'message' });
    const side = await fixture.server.arrival();
    const { id } = await side.next('$auth');
    side.send({ id: id as number, error: { code: 'UNAUTHENTICATED', message: 'no' } });
    await fixture.until(() => client.state === 'closed');
    expect(client.status.closed?.code).toBe(4401);
  });

  it('sends fresh credentials when the server says that they end', async () => {
    let asked = 0;
    const [, side] = await fixture.open({ token: () => `token ${++asked}` });
    side.send({ event: '$auth', data: { expiresInMs: 60_000 } });
    await expect(side.next('$auth')).resolves.toMatchObject({ data: { token: 'token 2' } });
  });

  it('waits longer and longer, without end, and begins anew after a success', async () => {
    const delays: number[] = [];
    const strategy = exponential({ jitter: 'none' });
    const { port } = fixture.server;
    await fixture.server.stop();
    const client = fixture.client({
      url: `ws://127.0.0.1:${port}`,
      reconnect: (attempt) => {
        delays.push(strategy(attempt) as number);
        return strategy(attempt);
      },
    });
    for (let attempt = 1; attempt <= 9; attempt++) {
      await fixture.until(() => delays.length === attempt);
      if (attempt < 9) fixture.clock.advance(delays.at(-1) as number);
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    fixture.server = await ScriptedServer.start(port);
    fixture.clock.advance(30_000);
    const side = await fixture.server.welcomed();
    await fixture.until(() => client.state === 'open');
    expect(client.status.attempt).toBe(0);
    side.socket.terminate();
    await fixture.until(() => delays.length === 10);
    expect(delays.at(-1)).toBe(500);
  });

  it('gives up when its strategy does, and rejects what waits', async () => {
    const { port } = fixture.server;
    await fixture.server.stop();
    const client = fixture.client({ url: `ws://127.0.0.1:${port}`, reconnect: fixed(10, { count: 1 }) });
    const connected = expect(client.connect()).rejects.toMatchObject({ code: 'DISCONNECTED' });
    const asked = expect(client.request('echo', 1, { timeoutMs: false })).rejects.toMatchObject({
      code: 'DISCONNECTED',
    });
    await fixture.until(() => client.state === 'waiting');
    fixture.clock.advance(10);
    await Promise.all([connected, asked]);
    expect(client.state).toBe('closed');
    fixture.server = await ScriptedServer.start(port);
    const again = client.connect();
    await fixture.server.welcomed();
    await again;
  });

  it.each([9_999, 10_000])('is given 10 s to come about: after %d ms', async (elapsedMs) => {
    const client = fixture.client({ reconnect: fixed(1_000) });
    const side = await fixture.server.arrival();
    await side.next('$hello');
    fixture.clock.advance(elapsedMs);
    expect(client.state).toBe(elapsedMs < 10_000 ? 'authenticating' : 'waiting');
  });

  it('hears nothing more of a connection that came too late', async () => {
    const client = fixture.client({ reconnect: fixed(1_000) });
    const late = await fixture.server.arrival();
    await late.next('$hello');
    fixture.clock.advance(10_000);
    late.send({ id: 0, event: '$welcome', data: { session: 'late', token: 't', seq: 1 } });
    fixture.clock.advance(1_000);
    const side = await fixture.server.arrival();
    expect((await side.welcome()).data).toEqual({});
    await fixture.until(() => client.state === 'open');
    expect(client.session).toBe('s1');
  });

  it('makes one attempt at a time, however often it is told to connect', async () => {
    const client = fixture.client();
    const all = [client.connect(), client.connect(), client.connect()];
    await fixture.server.welcomed();
    await Promise.all(all);
    expect(fixture.server.count).toBe(1);
  });

  it('leaves a server that drains when it is told to, and sends nothing new meanwhile', async () => {
    const [client, first] = await fixture.open();
    first.send({ event: '$drain', data: { reconnectMs: 700 } });
    await fixture.until(() => client.state === 'draining');
    const emitted = client.emit('later');
    fixture.clock.advance(699);
    expect(client.state).toBe('draining');
    fixture.clock.advance(1);
    await fixture.until(() => client.state === 'waiting');
    expect(first.messages).toEqual([]);
    expect(first.closed).toMatchObject({ code: 1001 });
    fixture.clock.advance(0);
    const second = await fixture.server.welcomed();
    const { id } = await second.next('later');
    second.send({ id: id as string, data: null });
    await emitted.delivered;
  });

  it('asks a silent server, and takes it for dead when it stays silent', async () => {
    const heartbeat = { intervalMs: 20_000, timeoutMs: 10_000 };
    const [client, side] = await fixture.open({ reconnect: fixed(10_000) }, { heartbeat });
    for (let second = 0; second < 24; second++) fixture.clock.advance(1_000);
    expect(side.received).toEqual([]);
    for (let second = 0; second < 2; second++) fixture.clock.advance(1_000);
    await side.next('$ping');
    side.send({ event: '$pong' });
    await new Promise((resolve) => client.on('seen', resolve) && side.send({ event: 'seen' }));
    for (let second = 0; second < 26; second++) fixture.clock.advance(1_000);
    await side.next('$ping');
    for (let second = 0; second < 8; second++) fixture.clock.advance(1_000);
    expect(client.state).toBe('open');
    for (let second = 0; second < 3; second++) fixture.clock.advance(1_000);
    expect(client.state).toBe('waiting');
    expect(client.status.closed).toEqual({ code: 1006, reason: 'the server is silent' });
  });

  it('does not judge by a timer that stood still: it asks again first', async () => {
    const heartbeat = { intervalMs: 20_000, timeoutMs: 10_000 };
    const [client, side] = await fixture.open({}, { heartbeat });
    const { clock } = fixture;
    // The machine slept for an hour: time has passed, and one tick comes.
    const nowAfterSleep = clock.now() + 3_600_000;
    clock.now = () => nowAfterSleep;
    clock.advance(1_250);
    expect(client.state).toBe('open');
    await side.next('$ping');
  });

  it('closes with 1010, and stays away, when an extension is missing', async () => {
    const client = fixture.client({ requireExtension: 'permessage-deflate' });
    const side = await fixture.server.arrival();
    await side.until(({ closed }) => closed !== undefined);
    expect(side.closed).toMatchObject({ code: 1010 });
    expect(client.state).toBe('closed');
  });

  it.each([
    [true, 1_000],
    [false, 999],
  ])('rests when there was nothing to do for a while: %s after %d ms', async (isResting, elapsedMs) => {
    const [client, side] = await fixture.open({ timeouts: { idleMs: 1_000 } });
    fixture.clock.advance(elapsedMs);
    if (!isResting) {
      expect(client.state).toBe('open');
      return;
    }
    await fixture.until(() => client.state === 'idle');
    await side.until(({ closed }) => closed !== undefined);
    expect(side.closed).toMatchObject({ code: 1001 });
    client.emit('wake up');
    const second = await fixture.server.arrival();
    expect((await second.welcome({ resumed: true, recovered: true })).data).toMatchObject({ session: 's1' });
    await second.next('wake up');
  });

  it('closes: the server hears why, what waits is rejected, no timer is left', async () => {
    const [client, side] = await fixture.open();
    const asked = expect(client.request('echo')).rejects.toMatchObject({ code: 'DISCONNECTED' });
    const undelivered: unknown[] = [];
    client.when('undelivered', ({ event }) => undelivered.push(event));
    client.emit('lost');
    await client.close(4000, 'enough');
    await asked;
    expect(undelivered).toEqual(['lost']);
    await side.until(({ closed }) => closed !== undefined);
    expect(side.closed).toEqual({ code: 4000, reason: 'enough' });
    expect(side.messages.map(({ event }) => event)).toEqual(['echo', 'lost']);
    expect(fixture.clock.timers).toBe(0);
  });

  it('does not wait for ever for the closing handshake', async () => {
    const [client, side] = await fixture.open();
    side.socket.pause();
    const closing = client.close();
    await fixture.until(() => fixture.clock.timers > 0);
    fixture.clock.advance(2_000);
    await closing;
    expect(client.state).toBe('closed');
  });

  it('tells of a provider that fails, and tries again', async () => {
    let attempt = 0;
    const client = fixture.client({
      url: () => {
        if (++attempt === 1) throw new Error('no address yet');
        return fixture.server.url;
      },
    });
    await fixture.until(() => client.state === 'waiting');
    expect(fixture.errors.map(({ message }) => message)).toEqual(['no address yet']);
    fixture.clock.advance(0);
    await fixture.server.welcomed();
    await fixture.until(() => client.state === 'open');
  });
});
