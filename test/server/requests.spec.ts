import type { Connection } from '../../lib/connection/connection.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import type { TestClient } from '../support/test-client.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

async function pair(
  options: Parameters<typeof EngineFixture.start>[0] = {},
): Promise<{ client: TestClient; connection: Connection }> {
  fixture = await EngineFixture.start(options);
  const client = await fixture.connect();
  return { client, connection: [...fixture.endpoint.connections][0] as Connection };
}

const inFlight = (): number => fixture.engine.server.stats().gauges.requestsInFlight;

describe('connection.request', () => {
  it('resolves with the data of the answer', async () => {
    const { client, connection } = await pair();
    const answer = connection.request('question', { a: 1 });
    const question = await client.nextJson();
    expect(question).toMatchObject({ event: 'question', data: { a: 1 } });
    client.send({ id: question['id'], data: 42 });
    await expect(answer).resolves.toBe(42);
    expect(inFlight()).toBe(0);
  });

  it('rejects with the error of the answer', async () => {
    const { client, connection } = await pair();
    const answer = connection.request('question');
    client.send({ id: (await client.nextJson())['id'], error: { code: 'NO', message: 'no', details: [1] } });
    await expect(answer).rejects.toMatchObject({ code: 'NO', message: 'no', details: [1] });
  });

  it('rejects with ACK_TIMEOUT after 10 s, and lets a late answer go, counted', async () => {
    const clock = new FakeClock();
    const { client, connection } = await pair({ host: { clock } });
    const answer = connection.request('question');
    const failed = expect(answer).rejects.toMatchObject({ code: 'ACK_TIMEOUT' });
    const { id } = await client.nextJson();
    clock.advance(9_999);
    expect(inFlight()).toBe(1);
    clock.advance(1);
    await failed;
    expect(inFlight()).toBe(0);
    client.send({ id, data: 'late' });
    await client.ask('$ping');
    expect(fixture.engine.server.stats().counters.repliesUnmatched).toBe(1);
  });

  it('rejects with DISCONNECTED when the connection ends, and afterwards', async () => {
    const { client, connection } = await pair();
    const answer = connection.request('question');
    client.terminate();
    await expect(answer).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await expect(connection.request('again')).rejects.toMatchObject({ code: 'DISCONNECTED' });
  });

  it('rejects with CANCELLED when its signal is aborted', async () => {
    const { connection } = await pair();
    const controller = new AbortController();
    const answer = connection.request('question', null, { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(inFlight()).toBe(0);
    await expect(connection.request('q', null, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('has 1024 in flight for one peer, and not one more', async () => {
    const { connection } = await pair();
    const answers = Array.from({ length: 1024 }, () => connection.request('question'));
    for (const answer of answers) answer.catch(() => undefined);
    await expect(connection.request('one more')).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(inFlight()).toBe(1024);
  });

  it('rejects what cannot be encoded', async () => {
    const { connection } = await pair();
    await expect(connection.request('question', 1n)).rejects.toThrow(TypeError);
    expect(inFlight()).toBe(0);
  });
});
