import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { ProxyFixture, until, withStage } from './proxy-fixture.js';

const proxied = ProxyFixture.forEachTest();

describe('stages in between', () => {
  it('see frames, and may replace them, in both directions', async () => {
    await proxied.start(
      withStage({
        inboundFrame(frame, next) {
          if (!frame.isBinary) frame.data = Buffer.from(frame.data.toString().toUpperCase());
          return next();
        },
        outboundFrame(frame, next) {
          frame.data = `<${String(frame.data)}>`;
          return next();
        },
      }),
    );
    const { client, peer } = await proxied.join();
    client.send('loud');
    client.send(Buffer.from('quiet'));
    await peer.received(2);
    expect(peer.messages).toEqual(['LOUD', Buffer.from('quiet')]);
    peer.socket.send('x');
    expect(await client.next()).toBe('<x>');
  });

  it('keep frames in order, and the close after them, when they take time', async () => {
    let waits = 20;
    await proxied.start(
      withStage({
        async inboundFrame(_frame, next) {
          for (let i = 0; i < waits; i++) await Promise.resolve();
          waits--;
          return next();
        },
        async outboundFrame(_frame, next) {
          await new Promise((resolve) => setImmediate(resolve));
          return next();
        },
      }),
    );
    const { client, peer } = await proxied.join();
    for (let i = 0; i < 20; i++) client.send(`in ${i}`);
    await peer.received(20);
    expect(peer.messages).toEqual(Array.from({ length: 20 }, (_, i) => `in ${i}`));
    for (let i = 0; i < 20; i++) peer.socket.send(`out ${i}`);
    peer.socket.close(4000, 'done');
    expect(await client.closed).toEqual({ code: 4000, reason: 'done' });
    expect(client.unread).toEqual(Array.from({ length: 20 }, (_, i) => `out ${i}`));
  });

  it('see each frame as a message whose data is its text or bytes', async () => {
    const seen: unknown[] = [];
    await proxied.start(
      withStage({
        inbound(message, next) {
          seen.push([message.event, message.data]);
          if (message.data === 'replace me') message.data = 'replaced';
          if (message.data === 'drop me') {
            message.drop('unwanted');
            return;
          }
          if (message.data === 'answer me') {
            message.answer({ ok: true });
            return;
          }
          return next();
        },
      }),
    );
    const { client, peer } = await proxied.join();
    for (const message of ['replace me', 'drop me', 'answer me', Buffer.from('bytes')]) client.send(message);
    await peer.received(2);
    expect(peer.messages).toEqual(['replaced', Buffer.from('bytes')]);
    expect(await client.nextJson()).toEqual({ ok: true });
    expect(seen).toHaveLength(4);
    expect(seen[3]).toEqual(['$frame', Buffer.from('bytes')]);
    expect(proxied.stages()).toMatchObject({ 'dropped.unwanted': 1 });
  });

  const refusing: GatewayMiddleware = {
    inbound: (message, next) =>
      message.data === 'no' ? message.reject(ErrorCode.RateLimited, 'too fast') : next(),
  };

  it('close the connection with a code that mirrors why they refuse', async () => {
    await proxied.start(withStage(refusing));
    const { client, peer } = await proxied.join();
    client.send('yes');
    client.send('no');
    expect(await client.closed).toEqual({ code: 4429, reason: 'too fast' });
    expect(await peer.closed).toEqual({ code: 4429, reason: 'too fast' });
    expect(peer.messages).toEqual(['yes']);
  });

  it('tell the client, where its protocol is that of gateways', async () => {
    await proxied.start({ ...withStage(refusing), proxy: { onRefused: 'tell' } });
    const { client, peer } = await proxied.join();
    client.send('no');
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code: 'RATE_LIMITED' } });
    client.send('yes');
    await peer.received(1);
  });

  it('leave the frame out, where that is asked for', async () => {
    await proxied.start({ ...withStage(refusing), proxy: { onRefused: 'drop' } });
    const { client, peer } = await proxied.join();
    client.send('no');
    client.send('yes');
    await peer.received(1);
    expect(peer.messages).toEqual(['yes']);
    expect(proxied.fixture.engine.server.stats().errors['RATE_LIMITED']).toBe(1);
  });

  it('that fail close the connection, and their error goes to the log', async () => {
    await proxied.start(
      withStage({
        inboundFrame() {
          throw new Error('broken stage');
        },
      }),
    );
    const { client } = await proxied.join();
    client.send('x');
    expect((await client.closed).code).toBe(1011);
  });

  it('may leave out, and may fail, on what the upstream sends', async () => {
    await proxied.start(
      withStage({
        async outboundFrame(frame, next) {
          if (frame.data === 'drop me') return undefined;
          if (frame.data === 'break') throw new Error('broken stage');
          await Promise.resolve();
          if (frame.data === 'break later') throw new Error('broken later');
          return next();
        },
      }),
    );
    const { client, peer } = await proxied.join();
    for (const text of ['drop me', 'break', 'break later', 'pass']) peer.socket.send(text);
    expect(await client.next()).toBe('pass');
    expect(proxied.stages()).toMatchObject({ 'dropped.outbound': 1 });
    expect(proxied.fixture.log.lines.join()).toContain('broken');
  });

  it('may not make of a frame what is neither text nor bytes', async () => {
    await proxied.start(
      withStage({
        inbound(message, next) {
          message.data = { parsed: true };
          return next();
        },
      }),
    );
    const { client } = await proxied.join();
    client.send('x');
    expect((await client.closed).code).toBe(1011);
  });

  it('are waited for at a shutdown', async () => {
    let release!: () => void;
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    const entered: string[] = [];
    await proxied.start(
      withStage({
        async inboundFrame(frame, next) {
          entered.push(frame.data.toString());
          await isHeld;
          return next();
        },
      }),
    );
    const { client, peer } = await proxied.join();
    client.send('last');
    await until(() => entered.length > 0);
    const closing = proxied.fixture.engine.close();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    release();
    expect(await client.closed).toMatchObject({ code: 1001 });
    await closing;
    expect(peer.messages).toEqual(['last']);
    expect(await peer.closed).toMatchObject({ code: 1001 });
  });

  it('hold frames back until handleConnection is done', async () => {
    let done!: () => void;
    await proxied.start({ connect: () => new Promise<void>((resolve) => (done = resolve)) });
    const { client, peer } = await proxied.join();
    client.send('early');
    peer.socket.send('early too');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([peer.messages, client.unread]).toEqual([[], []]);
    done();
    await peer.received(1);
    expect(await client.next()).toBe('early too');
  });
});
