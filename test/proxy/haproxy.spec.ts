import type { EngineOptions } from '../../lib/server/options.js';
import { createCertificate } from '../support/certificate.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { describeWith } from '../e2e/required-program.js';
import { freePortsFor, hasProgram, ProxyProgram } from './proxy-program.js';
import { expectedTour, SeenCloses, tour, tourHandlers } from './proxy-tour.js';

const { key, cert } = createCertificate();

describeWith('haproxy', hasProgram('haproxy'))('behind HAProxy, with the file of docs/proxies', () => {
  const closes = new SeenCloses();
  let fixture: EngineFixture;
  let haproxy: ProxyProgram;
  let ports: Map<number, number>;

  beforeAll(async () => {
    ports = await freePortsFor(8081, 8082, 8083, 3001, 3002);
    const trusted = { proxyProtocol: { trusted: '127.0.0.1' } };
    const ownPorts: EngineOptions['ownPorts'] = (port) =>
      port === ports.get(3001) ? { ...trusted, tls: { key, cert } } : trusted;
    fixture = await EngineFixture.start({
      options: { trustProxy: '127.0.0.1', ownPorts },
      handlers: tourHandlers,
      disconnect: closes.disconnect,
    });
    for (const documented of [3001, 3002]) {
      const place = { httpServer: null, port: ports.get(documented)!, path: '/*', wsOptions: {} };
      const { bindings } = fixture.endpoint;
      for (const binding of bindings) fixture.engine.endpoint(place).bind(binding);
    }
    ports.set(3000, Number(new URL(fixture.url).port));
    haproxy = await ProxyProgram.start('haproxy', ports);
  });

  afterAll(async () => {
    await fixture?.stop();
    await haproxy?.stop();
  });

  it('in HTTP mode the gateway sees the client, and frames, pings and closes pass', async () => {
    expect(await tour(`ws://127.0.0.1:${ports.get(8081)}`, {}, closes.next)).toEqual(expectedTour(false));
  });

  it('in TCP mode with version 2 of the PROXY protocol too, inside TLS', async () => {
    const url = `wss://127.0.0.1:${ports.get(8082)}`;
    expect(await tour(url, { ca: cert }, closes.next)).toEqual(expectedTour(true));
  });

  it('in TCP mode with version 1 too', async () => {
    expect(await tour(`ws://127.0.0.1:${ports.get(8083)}`, {}, closes.next)).toEqual(expectedTour(false));
  });

  it('its health checks are no faults', () => {
    // A check that is over before its header has been read is one that ended.
    expect(fixture.log.lines.filter((line) => line.includes('dropped a connection'))).toEqual([]);
  });
});
