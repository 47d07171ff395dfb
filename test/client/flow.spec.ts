import { aggregate, latest, list, sum } from '../../lib/client/flow/aggregator.js';
import { batching } from '../../lib/client/flow/batching.js';
import { latestOnly } from '../../lib/client/flow/latest-only.js';
import { priorities } from '../../lib/client/flow/priority-queue.js';
import { pipeline } from '../../lib/client/pipeline.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { clientClock } from '../../lib/primitives/clock.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { ClientFixture } from './support/client-fixture.js';
import { EngineFixture } from '../support/engine-fixture.js';
import type { ServerSide } from './support/scripted-server.js';

let fixture: ClientFixture;
beforeEach(async () => {
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

/** Frames of the application, as text. */
function framesOf(side: ServerSide): string[] {
  const frames: string[] = [];
  side.socket.on('message', (data: Buffer) => frames.push(data.toString()));
  return frames;
}

const datas = (frame: string): unknown[] =>
  [JSON.parse(frame) as { data: unknown } | { data: unknown }[]].flat().map(({ data }) => data);

describe('batching', () => {
  it('holds messages for a moment and sends them in one frame, in order', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching({ flushMs: 10 }) } });
    const frames = framesOf(side);
    for (const data of [1, 2, 3]) client.emit('note', data);
    fixture.clock.advance(9);
    client.emit('note', 4);
    fixture.clock.advance(1);
    client.emit('note', 5);
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length === 5);
    expect(frames.map(datas)).toEqual([[1, 2, 3, 4], [5]]);
  });

  it('sends at once what has become enough', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching({ messages: 2 }) } });
    const frames = framesOf(side);
    for (const data of [1, 2, 3]) client.emit('note', data);
    await side.until(({ messages }) => messages.length === 2);
    expect(frames.map(datas)).toEqual([[1, 2]]);
  });

  it('keeps to what the server takes', async () => {
    const limits = { batchItems: 2, maxPayloadBytes: 100 };
    const [client, side] = await fixture.open({ flow: { batch: batching() } }, { limits });
    const frames = framesOf(side);
    for (const data of ['a', 'b', 'c', 'd'.repeat(60), 'e'.repeat(60)]) client.emit('note', data);
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length === 5);
    expect(frames.map((frame) => datas(frame).length)).toEqual([2, 1, 1, 1]);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(100);
  });

  it('lets a message of high priority go at once, with those that wait', async () => {
    const [client, side] = await fixture.open({ flow: { order: priorities(), batch: batching() } });
    const frames = framesOf(side);
    client.emit('note', 'waits');
    client.emit('note', 'goes', { priority: 'high' });
    await side.until(({ messages }) => messages.length === 2);
    expect(frames.map(datas)).toEqual([['goes', 'waits']]);
  });

  it('takes back what is aborted while it waits', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching() } });
    const abort = new AbortController();
    const { delivered } = client.emit('note', 1, { signal: abort.signal });
    client.emit('note', 2);
    abort.abort();
    await expect(delivered).rejects.toMatchObject({ code: 'CANCELLED' });
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length === 1);
    expect(side.messages.map(({ data }) => data)).toEqual([2]);
  });

  it('sends what waits before it closes', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching() } });
    client.emit('note', 1).delivered.catch(() => undefined);
    void client.close();
    await side.until(({ messages }) => messages.length === 1);
  });

  it('sends a batch of a connection that broke again, with the same ids', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching() } });
    for (const data of [1, 2]) client.emit('note', data);
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length === 2);
    side.socket.terminate();
    const next = await fixture.comeBack({ resumed: true, recovered: true });
    await next.until(({ messages }) => messages.length === 2);
    expect(next.messages.map(({ id }) => id)).toEqual(side.messages.map(({ id }) => id));
  });

  it('gives messages with bytes frames of their own', async () => {
    const [client, side] = await fixture.open({ flow: { batch: batching() } });
    const kinds: string[] = [];
    side.socket.removeAllListeners('message');
    const gone = new Promise<void>((resolve) =>
      side.socket.on('message', (_data, isBinary) => {
        kinds.push(isBinary ? 'binary' : 'text');
        if (kinds.length === 3) resolve();
      }),
    );
    client.emit('note', 1);
    client.emit('note', 2);
    client.emit('note', new Uint8Array([1]));
    client.emit('note', 3);
    // Bytes load the rest of the codec.
    await new Promise((resolve) => setTimeout(resolve, 50));
    fixture.clock.advance(10);
    await gone;
    expect(kinds).toEqual(['text', 'binary', 'text']);
  });

  it('passes the stages as one frame', async () => {
    const seen: string[] = [];
    const [client, side] = await fixture.open({
      flow: { batch: batching() },
      pipeline: pipeline({
        name: 'watch',
        outboundFrame({ data }, next) {
          seen.push(data as string);
          return next();
        },
      }),
    });
    seen.length = 0;
    client.emit('note', 1);
    client.emit('note', 2);
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length === 2);
    expect(seen).toHaveLength(1);
  });

  it('is understood by a real server, also with a binary codec', async () => {
    const server = await EngineFixture.start({
      options: { codecs: [json(), msgpack()] },
      handlers: { echo: (data) => data },
    });
    const options = { url: server.url, flow: { batch: batching({ flushMs: 1 }) } };
    for (const codec of [undefined, msgpack()]) {
      const client = fixture.client({ ...options, clock: clientClock, ...(codec && { codec }) });
      const answers = await Promise.all(Array.from({ length: 600 }, (_, at) => client.request('echo', at)));
      expect(answers).toEqual([...answers.keys()]);
      await client.close();
    }
    await server.stop();
  });
});

describe('priorities', () => {
  it('sends what waits by priority, each in order, and low ones among them', async () => {
    const client = fixture.client({
      autoConnect: false,
      flow: { order: priorities({ high: 2, normal: 1, low: 1 }) },
    });
    for (const at of [1, 2, 3])
      for (const priority of ['low', 'normal', 'high'] as const)
        client.emit('note', `${priority}${at}`, { priority });
    void client.connect();
    const side = await fixture.server.welcomed();
    await side.until(({ messages }) => messages.length === 9);
    expect(side.messages.map(({ data }) => data)).toEqual(
      'high1 high2 normal1 low1 high3 normal2 low2 normal3 low3'.split(' '),
    );
  });

  it('refuses weights that would starve', () => {
    expect(() => priorities({ low: 0 })).toThrow('low');
  });
});

describe('latest only', () => {
  it('lets the latest of an event and key wait, and says so of the others', async () => {
    const client = fixture.client({
      autoConnect: false,
      flow: { combine: latestOnly({ moved: ({ id }: { id: string }) => id, typing: true }) },
    });
    const first = client.emit('moved', { id: 'a', x: 1 });
    client.emit('typing', 'x');
    client.emit('moved', { id: 'b', x: 1 });
    client.emit('moved', { id: 'a', x: 2 });
    client.emit('typing', 'y');
    client.emit('note', 1);
    client.emit('note', 2);
    await expect(first.delivered).rejects.toMatchObject({ code: 'CANCELLED' });
    void client.connect();
    const side = await fixture.server.welcomed();
    await side.until(({ messages }) => messages.length === 5);
    expect(side.messages.map(({ data }) => data)).toEqual([{ id: 'b', x: 1 }, { id: 'a', x: 2 }, 'y', 1, 2]);
  });

  it('waits together with a batch: only the latest is in it', async () => {
    const [client, side] = await fixture.open({
      flow: { combine: latestOnly({ moved: true }), batch: batching() },
    });
    for (let at = 1; at <= 50; at++) client.emit('moved', at);
    fixture.clock.advance(10);
    await side.until(({ messages }) => messages.length > 0);
    expect(side.messages.map(({ data }) => data)).toEqual([50]);
  });

  it('leaves nothing behind however often it is replaced', async () => {
    const sizes: number[] = [];
    const order = priorities();
    const client = fixture.client({
      autoConnect: false,
      flow: {
        combine: latestOnly({ moved: true }),
        order: () => {
          const line = order();
          const push = line.push.bind(line);
          line.push = (message) => {
            push(message);
            sizes.push(line.size);
          };
          return line;
        },
      },
    });
    for (let at = 1; at <= 5_000; at++) client.emit('moved', at);
    expect(Math.max(...sizes)).toBeLessThan(100);
    expect(client.pending).toBe(1);
  });
});

describe('aggregate', () => {
  const combine = aggregate({
    windowMs: 50,
    events: {
      moved: latest<{ id: string; x: number }>({ key: ({ id }) => id }),
      clicks: sum(),
      scores: sum<{ id: number; points: number }>({ key: ({ id }) => id, fields: ['points'] }),
      lines: list({ items: 3 }),
    },
  });

  it('sends one message for all of a group, after the window', async () => {
    const [client, side] = await fixture.open({ flow: { combine } });
    for (const x of [1, 2]) for (const id of ['a', 'b']) client.emit('moved', { id, x });
    for (const clicks of [1, 2, 3]) client.emit('clicks', clicks);
    for (const points of [1, 2]) client.emit('scores', { id: 7, points });
    client.emit('lines', 'one');
    expect(client.pending).toBe(0);
    fixture.clock.advance(50);
    await side.until(({ messages }) => messages.length === 5);
    expect(side.messages.map(({ event, data }) => [event, data])).toEqual([
      ['moved', { id: 'a', x: 2 }],
      ['moved', { id: 'b', x: 2 }],
      ['clicks', 6],
      ['scores', { id: 7, points: 3 }],
      ['lines', ['one']],
    ]);
  });

  it('sends a list at its bound', async () => {
    const [client, side] = await fixture.open({ flow: { combine } });
    for (const line of ['a', 'b', 'c', 'd']) client.emit('lines', line);
    await side.until(({ messages }) => messages.length === 1);
    expect(side.messages[0]?.data).toEqual(['a', 'b', 'c']);
  });

  it('tells each emit what became of the one message', async () => {
    const [client, side] = await fixture.open({ flow: { combine } });
    const good = [client.emit('clicks', 1), client.emit('clicks', 2)];
    fixture.clock.advance(50);
    side.send({ id: (await side.next('clicks')).id as number, data: null });
    await Promise.all(good.map(({ delivered }) => delivered));
    const bad = [client.emit('clicks', 1), client.emit('clicks', 2)];
    fixture.clock.advance(50);
    side.send({
      id: (await side.next('clicks')).id as number,
      error: { code: 'FORBIDDEN', message: 'no' },
    });
    for (const { delivered } of bad) await expect(delivered).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('sends an emit with options of its own by itself, behind those before it', async () => {
    const [client, side] = await fixture.open({ flow: { combine } });
    client.emit('clicks', 1);
    client.emit('clicks', 2, { meta: { key: 'k' } });
    await side.until(({ messages }) => messages.length === 2);
    expect(side.messages.map(({ data }) => data)).toEqual([1, 2]);
  });

  it('sends what it holds before it closes', async () => {
    const [client, side] = await fixture.open({ flow: { combine } });
    const { delivered } = client.emit('clicks', 1);
    const closed = client.close();
    await side.until(({ messages }) => messages.length === 1);
    await expect(delivered).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await closed;
  });
});
