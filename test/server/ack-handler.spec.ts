import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fixed } from '../../lib/exchange/retry-strategy.js';
import { createAckHandler } from '../../lib/server/ack-handler.js';
import { FakeClock } from '../support/fake-clock.js';
import { SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;
let http: Server;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  at = await SessionFixture.start({ host: { clock } });
  const handle = createAckHandler(at.server, { maxBodyBytes: 200 });
  http = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(async () => {
  await at.fixture.stop();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

const port = (): number => (http.address() as AddressInfo).port;
const stages = (): Readonly<Record<string, number>> => at.server.stats().stages;

async function post(body: unknown, method = 'POST'): Promise<{ status: number; code?: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${port()}`, {
    method,
    ...(method === 'POST' && { body: text }),
  });
  const said = await response.text();
  return said === '' ? { status: response.status } : { status: response.status, ...JSON.parse(said) };
}

/** The token of the next question that a client is asked. */
async function tokenOf(client: { nextJson(): Promise<Record<string, unknown>> }): Promise<string> {
  const { meta } = await client.nextJson();
  return (meta as { ack: string }).ack;
}

describe('an answer over HTTP', () => {
  it('is the answer, once', async () => {
    const client = await at.fixture.connect();
    const answer = at.connection.request('sign', { page: 1 }, { ack: 'http', meta: { by: 'me' } });
    const { meta } = await client.nextJson();
    expect(meta).toEqual({ by: 'me', ack: expect.stringMatching(/^\S{20}\.\S{20}$/) });
    const { ack: token } = meta as { ack: string };
    expect(await post({ token, data: { signed: true } })).toEqual({ status: 204 });
    expect(await answer).toEqual({ signed: true });
    expect(await post({ token, data: 'again' })).toMatchObject({ status: 410 });
    expect(stages()).toMatchObject({ 'ack.settled': 1, 'ack.gone': 1 });
  });

  it('may be an error', async () => {
    const client = await at.fixture.connect();
    const answer = at.connection.request('sign', null, { ack: 'http' });
    const refused = expect(answer).rejects.toMatchObject({ code: 'FORBIDDEN', details: [1] });
    const error = { code: 'FORBIDDEN', message: 'not by me', details: [1] };
    expect(await post({ token: await tokenOf(client), error })).toEqual({ status: 204 });
    await refused;
  });

  it('acknowledges a reliable emit, also while the client is away, and after it was sent again', async () => {
    const client = await at.open();
    at.connection.emit('note', 1, { reliable: { ack: 'http', retry: fixed(100), ackMs: 500 } });
    const token = await tokenOf(client.client);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
    expect(await tokenOf(client.client)).toBe(token);
    await at.cut(client);
    expect(await post({ token })).toEqual({ status: 204 });
    await until(() => stages()['reliable.acknowledged'] === 1);
  });

  it('comes too late after an answer by the connection, and when the question is given up', async () => {
    const client = await at.fixture.connect();
    const answer = at.connection.request('sign', null, { ack: 'http' });
    const first = await tokenOf(client);
    client.send({ id: -1, data: 'by the socket' });
    expect(await answer).toBe('by the socket');
    expect(await post({ token: first })).toMatchObject({ status: 410, code: 'CONFLICT' });
    const other = at.connection.request('sign', null, { ack: 'http', timeoutMs: 1_000 });
    const refused = expect(other).rejects.toMatchObject({ code: 'ACK_TIMEOUT' });
    const second = await tokenOf(client);
    clock.advance(1_000);
    await refused;
    expect(await post({ token: second })).toMatchObject({ status: 410 });
  });

  it('with a wrong token is one to nothing, and what is no answer is refused', async () => {
    const client = await at.fixture.connect();
    const answer = at.connection.request('sign', null, { ack: 'http' });
    const token = await tokenOf(client);
    const [id] = token.split('.');
    for (const wrong of ['x', `${id}.`, `${id}.${'x'.repeat(20)}`, `${token.slice(0, -1)}~`])
      expect(await post({ token: wrong, data: 1 })).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await post('{')).toMatchObject({ status: 400, code: 'BAD_JSON' });
    for (const bad of [null, [], 'x', {}, { token: 7 }, { token: 'x'.repeat(129) }, { token, error: 'no' }])
      expect(await post(JSON.stringify(bad))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await post('', 'GET')).toMatchObject({ status: 405 });
    const room = 200 - JSON.stringify({ token, data: '' }).length;
    expect(await post({ token, data: 'x'.repeat(room + 1) })).toMatchObject({ status: 413 });
    expect(await post({ token, data: 'x'.repeat(room) })).toEqual({ status: 204 });
    expect(await answer).toHaveLength(room);
    expect(stages()).toMatchObject({ 'ack.unknown': 4, 'ack.settled': 1 });
  });

  it('that is cut off in the middle does no harm', async () => {
    const socket = connect(port(), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"tok');
    await once(http, 'request');
    socket.destroy();
    await once(socket, 'close');
    expect(await post({ token: 'x' })).toMatchObject({ status: 404 });
  });

  it('is remembered as over for the last thousand', async () => {
    const client = await at.fixture.connect();
    const tokens: string[] = [];
    for (let n = 1; n <= 1_001; n++) {
      const answer = at.connection.request('sign', null, { ack: 'http' });
      tokens.push(await tokenOf(client));
      at.server.acknowledge(tokens.at(-1) as string, { data: n });
      await answer;
    }
    expect(at.server.acknowledge(tokens[0] as string, { data: 0 })).toBe('unknown');
    expect(at.server.acknowledge(tokens[1] as string, { data: 0 })).toBe('gone');
  });

  it('has options that can work', async () => {
    await at.fixture.connect();
    await expect(at.connection.request('sign', null, { ack: 'smtp' as 'http' })).rejects.toThrow("'http'");
    expect(() => createAckHandler(at.server, { maxBodyBytes: 0 })).toThrow('maxBodyBytes');
  });
});
