import { EngineFixture } from '../support/engine-fixture.js';
import { TestClient } from '../support/test-client.js';
import { describeWith } from '../e2e/required-program.js';
import { freePortsFor, hasProgram, ProxyProgram } from './proxy-program.js';
import { expectedTour, SeenCloses, tour, tourHandlers } from './proxy-tour.js';

describeWith('nginx', hasProgram('nginx'))('behind nginx, with the file of docs/proxies', () => {
  const closes = new SeenCloses();
  let fixture: EngineFixture;
  let nginx: ProxyProgram;
  let url: string;

  beforeAll(async () => {
    fixture = await EngineFixture.start({
      options: { trustProxy: '127.0.0.1' },
      handlers: tourHandlers,
      disconnect: closes.disconnect,
    });
    const ports = await freePortsFor(8080);
    ports.set(3000, Number(new URL(fixture.url).port));
    // Folders that the package makes for the service.
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${name};`,
    );
    nginx = await ProxyProgram.start('nginx', ports, (config) =>
      config.replace('http {', `http {\n${folders.join('\n')}`),
    );
    url = `ws://127.0.0.1:${ports.get(8080)}`;
  });

  afterAll(async () => {
    await fixture?.stop();
    await nginx?.stop();
  });

  it('the gateway sees the client, and frames, pings and closes pass', async () => {
    expect(await tour(url, {}, closes.next)).toEqual(expectedTour(false));
  });

  it('a page of another host is refused', async () => {
    const refused = TestClient.open(url, [], { headers: { Origin: 'http://elsewhere.example.com' } });
    await expect(refused).rejects.toThrow('403');
  });

  it('HTTP is HTTP', async () => {
    expect(await (await fetch(url.replace('ws', 'http'))).text()).toBe('plain http');
  });
});
