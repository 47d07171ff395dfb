import { pack, unpack } from 'msgpackr';
import { msgpack } from '../../lib/codecs/msgpack.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { deferred } from '../support/engine-fixture.js';
import { SessionFixture, until } from '../support/session-fixture.js';
import { TestClient } from '../support/test-client.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

const long = 'gatewire '.repeat(400);
const deflating = { perMessageDeflate: true };
const isolated = { perMessageDeflate: { serverNoContextTakeover: true } };

describe('what waits for a client that is away', () => {
  it('is repeated in its codec, and only in that', async () => {
    at = await SessionFixture.start({ options: { codecs: [json(), msgpack()] } });
    const open = async (data: unknown, codec = 'msgpack') => {
      const client = await TestClient.open(at.fixture.url, [`gatewire.v1.${codec}`, 'gatewire.session']);
      at.fixture.clients.push(client);
      client.send(codec === 'json' ? { event: '$hello', data } : pack({ event: '$hello', data }));
      const frame = await client.next();
      const answer = (codec === 'json' ? JSON.parse(frame.toString()) : unpack(frame as Buffer)) as {
        data: { session: string; token: string; resumed: boolean };
      };
      return { client, welcome: answer.data };
    };
    const first = await open({});
    first.client.terminate();
    await until(() => at.gauges.sessionsAway === 1);
    at.connection.emit('bytes', Buffer.from([1, 2, 3]));
    const claim = { session: first.welcome.session, token: first.welcome.token, seq: 0 };
    expect((await open(claim, 'json')).welcome.resumed).toBe(false);
    const back = await open(claim);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
    expect(unpack((await back.client.next()) as Buffer)).toMatchObject({ data: Buffer.from([1, 2, 3]) });
  });

  it('is repeated as it was deflated, and to nobody who has not agreed to that', async () => {
    at = await SessionFixture.start({ options: { compression: true } });
    const client = await at.open(undefined, [], isolated);
    expect(client.client.socket.extensions).toContain('permessage-deflate');
    at.connection.emit('n', long);
    await at.cut(client);
    at.connection.emit('n', `${long}2`);
    const before = at.counters['bytesSent'] as number;
    const plain = await at.open(client);
    expect(plain.welcome.resumed).toBe(false);
    const back = await at.open(client, [], isolated);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
    expect(await back.take(2)).toEqual([long, `${long}2`]);
    expect((at.counters['bytesSent'] as number) - before).toBeLessThan(2000);
  });

  it('waits undeflated where the context of its connection is gone: what that had sent cannot be repeated', async () => {
    at = await SessionFixture.start({ options: { compression: { contextTakeover: true } } });
    const client = await at.open(undefined, [], deflating);
    at.connection.emit('n', long);
    expect(await client.take(1)).toEqual([long]);
    await at.cut(client);
    at.connection.emit('n', `${long}2`);
    const back = await at.open(client, [], deflating);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 2 });
    expect(await back.take(1)).toEqual([`${long}2`]);
    at.connection.emit('n', `${long}3`);
    expect(await back.take(1)).toEqual([`${long}3`]);
    // The same again, but the client has not got what was deflated.
    at.connection.emit('n', `${long}4`);
    await until(() => at.connection.session?.sent === 4);
    await at.cut(back);
    const again = await at.open(back, [], deflating);
    expect(again.welcome).toMatchObject({ resumed: true, recovered: back.seq === 4, seq: 5 });
  });

  it('is lost where stages make it for one socket alone, and the client is told so', async () => {
    const known: string[] = [];
    const stage: GatewayMiddleware = {
      perConnection: true,
      outboundFrame: (_frame, next) => next(),
      resumed: (connection, fresh) => void known.push(`${fresh.id} goes on as ${connection.id}`),
      disconnected: (connection) => void known.push(`${connection.id} is gone`),
    };
    at = await SessionFixture.start({ host: { middleware: [stage] } });
    const client = await at.open();
    at.connection.emit('n', 1);
    await client.take(1);
    await at.cut(client);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 2 });
    expect(known).toHaveLength(2);
    expect(known[0]).toContain(`goes on as ${at.connection.id}`);
    expect(known[1]).toBe(`${known[0]?.split(' ')[0]} is gone`);
    await at.cut(back);
    at.connection.emit('n', 2);
    await until(() => at.connection.session?.sent === 2);
    const again = await at.open(back);
    expect(again.welcome).toMatchObject({ resumed: true, recovered: false, seq: 3 });
    at.connection.emit('n', 3);
    expect(await again.take(1)).toEqual([3]);
  });

  it('keeps its order with what is still being made, across both changes of sockets', async () => {
    const slow = [deferred(), deferred()];
    const stage: GatewayMiddleware = {
      outbound: (message, next) => {
        const wait = slow[message.data as number];
        return message.event === 'slow' && wait !== undefined ? wait.promise.then(next) : next();
      },
    };
    at = await SessionFixture.start({ host: { middleware: [stage] } });
    const client = await at.open();
    at.connection.emit('slow', 0);
    at.connection.emit('n', 'behind 0');
    await at.cut(client);
    at.connection.emit('slow', 1);
    at.connection.emit('n', 'behind 1');
    expect(at.connection.session?.sent).toBe(0);
    slow[0]?.resolve();
    await until(() => at.connection.session?.sent === 2);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ recovered: true, seq: 1 });
    expect(await back.take(2)).toEqual([0, 'behind 0']);
    slow[1]?.resolve();
    expect(await back.take(2)).toEqual([1, 'behind 1']);
    expect(at.connection.session?.sent).toBe(4);
  });

  it('is numbered after a $welcome that took its time', async () => {
    const welcomes = [deferred(), deferred()];
    let made = 0;
    const stage: GatewayMiddleware = {
      outboundFrame: (frame, next) =>
        frame.message.event === '$welcome' ? welcomes[made++]?.promise.then(next) : next(),
    };
    at = await SessionFixture.start({
      host: { middleware: [stage] },
      connect: (connection) => void at.connected.push(connection),
    });
    const opening = at.open();
    await until(() => made === 1 && at.connected.length === 1);
    at.connection.emit('n', 1);
    welcomes[0]?.resolve();
    const client = await opening;
    expect(await client.take(1)).toEqual([1]);
    expect(at.connection.session?.sent).toBe(1);
    await at.cut(client);
    const reopening = at.open(client);
    await until(() => made === 2);
    at.connection.emit('n', 2);
    welcomes[1]?.resolve();
    const back = await reopening;
    expect(back.welcome).toMatchObject({ recovered: true, seq: 2 });
    at.connection.emit('n', 3);
    expect(await back.take(2)).toEqual([2, 3]);
  });

  it('of a frame that waits for a stage when its socket is replaced is not handled any more', async () => {
    const gate = deferred();
    const handled: unknown[] = [];
    at = await SessionFixture.start({
      host: {
        middleware: [
          {
            inboundFrame: (frame, next) => (frame.data.includes('slow') ? gate.promise.then(next) : next()),
          },
        ],
      },
      handlers: { note: (data) => void handled.push(data) },
    });
    const client = await at.open();
    client.send({ event: 'note', data: 'slow' });
    client.send({ event: 'note', data: 'behind it' });
    await until(() => (at.counters['messagesReceived'] as number) === 3);
    const back = await at.open(client);
    back.send({ event: 'note', data: 'new' });
    await until(() => handled.length === 1);
    gate.resolve();
    back.send({ event: 'note', data: 'newer' });
    await until(() => handled.length === 2);
    expect(handled).toEqual(['new', 'newer']);
  });
});
