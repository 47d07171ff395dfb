import { FakeClock } from '../support/fake-clock.js';
import { ProxyFixture, until } from './proxy-fixture.js';

const proxied = ProxyFixture.forEachTest();

describe('backpressure', () => {
  const mebibyte = 1_048_576;
  const chunk = Buffer.alloc(256 * 1024, 1);
  const total = 8;

  it('stops reading an upstream whose client does not read, and loses nothing', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    client.socket.pause();
    const [connection] = proxied.fixture.endpoint.connections;
    let most = 0;
    for (let i = 0; i < total * 16; i++) {
      peer.socket.send(chunk);
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, connection!.bufferedBytes);
    }
    // The rest waits at the upstream: more than all that sockets hold in between.
    expect(peer.socket.bufferedAmount).toBeGreaterThan(8 * mebibyte);
    expect(most).toBeLessThanOrEqual(mebibyte);
    let received = 0;
    client.socket.on('message', () => received++);
    client.socket.resume();
    await until(() => received === total * 16);
    expect(proxied.fixture.engine.server.stats().counters.slowConsumersClosed).toBe(0);
  });

  it('stops reading a client whose upstream does not read, and loses nothing', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    peer.socket.pause();
    const sent = total * 16;
    for (let i = 0; i < sent; i++) {
      client.send(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.socket.bufferedAmount).toBeGreaterThan(8 * mebibyte);
    const [connection] = proxied.fixture.endpoint.connections;
    expect(connection!.socket.isPaused).toBe(true);
    peer.socket.resume();
    await peer.received(sent);
    expect(connection!.socket.isPaused).toBe(false);
  });

  it('passes the close on once a client that was slow has read', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    client.socket.pause();
    for (let i = 0; i < total * 6; i++) peer.socket.send(chunk);
    peer.socket.close(4001, 'enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.resume();
    expect(await client.closed).toEqual({ code: 4001, reason: 'enough' });
    expect(client.unread).toHaveLength(total * 6);
  });

  it('ends a client that never reads, some time after its upstream has closed', async () => {
    const clock = new FakeClock();
    const limits = { maxPayloadBytes: 32 * mebibyte };
    await proxied.start({
      host: { clock },
      options: { heartbeat: false, limits },
      proxy: { highWaterBytes: 1 },
    });
    const { client, peer } = await proxied.join();
    client.socket.pause();
    // One message of any size is taken; the next waits until it has gone.
    peer.socket.send(Buffer.alloc(32 * mebibyte));
    peer.socket.send('waits');
    peer.socket.close(4000);
    await until(() => proxied.upstreams() === 0);
    expect(proxied.fixture.endpoint.connections.size).toBe(1);
    clock.advance(4_999);
    expect(proxied.fixture.endpoint.connections.size).toBe(1);
    clock.advance(1);
    await until(() => proxied.fixture.endpoint.connections.size === 0);
  });
});
