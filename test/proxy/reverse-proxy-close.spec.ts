import { once } from 'node:events';
import { FakeClock } from '../support/fake-clock.js';
import { ProxyFixture, until } from './proxy-fixture.js';

const proxied = ProxyFixture.forEachTest();

describe('a close', () => {
  it.each([
    [1000, ''],
    [1001, 'going'],
    [1011, 'größe'],
    [1013, 'later'],
    [3000, 'library'],
    [4401, 'expired'],
    [4999, 'x'.repeat(123)],
  ])('of the client passes through with its code %d', async (code, reason) => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    client.send('last');
    client.close(code, reason);
    expect(await peer.closed).toEqual({ code, reason });
    expect(peer.messages).toEqual(['last']);
    expect(await client.closed).toEqual({ code, reason });
    await until(() => proxied.upstreams() === 0);
  });

  it.each([
    [1000, ''],
    [1001, 'going'],
    [1012, 'restart'],
    [1014, 'bad gateway'],
    [4000, 'größe'],
    [4999, 'x'.repeat(123)],
  ])('of the upstream passes through with its code %d', async (code, reason) => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    peer.socket.send('last');
    peer.socket.close(code, reason);
    expect(await client.closed).toEqual({ code, reason });
    expect(client.unread).toEqual(['last']);
    expect(await peer.closed).toEqual({ code, reason });
  });

  it('without a code has none on the other side either', async () => {
    await proxied.start();
    const first = await proxied.join();
    first.client.close();
    expect(await first.peer.closed).toEqual({ code: 1005, reason: '' });
    const second = await proxied.join();
    second.peer.socket.close();
    expect(await second.client.closed).toEqual({ code: 1005, reason: '' });
  });

  it('of a client that is lost is a loss for the upstream, after all it has sent', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    client.send('last');
    await peer.received(1);
    client.terminate();
    expect((await peer.closed).code).toBe(1006);
    await until(() => proxied.upstreams() === 0);
  });

  it('of an upstream that is lost is a bad gateway for the client', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    peer.socket.terminate();
    expect(await client.closed).toEqual({ code: 1014, reason: 'the upstream is gone' });
    expect(proxied.stages()).toMatchObject({ 'proxy.lost': 1 });
  });

  it('ends what passes a limit: of the client with 1009, of the upstream as a bad gateway', async () => {
    await proxied.start({ options: { limits: { maxPayloadBytes: 100 } } });
    const first = await proxied.join();
    first.client.send('x'.repeat(101));
    expect((await first.client.closed).code).toBe(1009);
    expect((await first.peer.closed).code).toBe(1006);
    const second = await proxied.join();
    second.peer.socket.send('x'.repeat(100));
    expect(await second.client.next()).toHaveLength(100);
    second.peer.socket.send('x'.repeat(101));
    expect((await second.client.closed).code).toBe(1014);
    expect(proxied.stages()).toMatchObject({ 'proxy.failed': 1 });
  });

  it('of the server ends both sides with 1001, and is waited for', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    const closing = proxied.fixture.engine.close();
    expect(await client.closed).toEqual({ code: 1001, reason: 'server is shutting down' });
    expect(await peer.closed).toEqual({ code: 1001, reason: 'server is shutting down' });
    await closing;
    expect(proxied.upstreams()).toBe(0);
  });

  it('comes when the upstream gives no sign of life', async () => {
    const clock = new FakeClock();
    await proxied.start({ host: { clock } });
    const { client, peer } = await proxied.join();
    peer.socket.on('ping', () => undefined);
    (peer.socket as unknown as { _autoPong: boolean })._autoPong = false;
    const pinged = once(peer.socket, 'ping');
    for (let second = 0; second < 26; second++) clock.advance(1_000);
    await pinged;
    // The client has answered its own.
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let second = 0; second < 21; second++) clock.advance(1_000);
    expect(await client.closed).toEqual({ code: 1014, reason: 'the upstream is gone' });
  });
});
