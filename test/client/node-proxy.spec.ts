import type { Agent } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { createClient, fixed } from '../../lib/client/index.js';
import { nodeSocket } from '../../lib/client/node/ws-socket.js';
import { describeWith } from '../e2e/required-program.js';
import { createCertificate } from '../support/certificate.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { freePort } from '../support/free-port.js';
import { ForwardProxy, hasForwardProxies, proxyAddress, proxyPassword, proxyUser } from './forward-proxy.js';
import { failure } from './socket-listener.js';

const server = createCertificate('server');
const proxyCertificate = createCertificate('proxy');
const login = `${proxyUser}:${proxyPassword}`;
const at = (user: string): string => (user === '' ? '' : `${user}@`);
const who = { who: (_data: unknown, { connection }: any) => connection.handshake.address as string };

describeWith('tinyproxy, microsocks and haproxy', hasForwardProxies)(
  'a client on Node behind a proxy',
  () => {
    let plain: EngineFixture;
    let secure: EngineFixture;
    let http: ForwardProxy;
    let https: ForwardProxy;
    let socks: ForwardProxy;

    beforeAll(async () => {
      plain = await EngineFixture.start({ handlers: who });
      secure = await EngineFixture.start({ handlers: who, tls: server });
      http = await ForwardProxy.http();
      https = await ForwardProxy.tls(http, proxyCertificate);
      socks = await ForwardProxy.socks();
    });

    afterAll(async () => {
      await plain?.stop();
      await secure?.stop();
      for (const proxy of [https, http, socks]) await proxy?.stop();
    });

    const agents: Record<string, (login: string) => Agent> = {
      HTTP: (login) => new HttpsProxyAgent(`http://${at(login)}127.0.0.1:${http.port}`),
      HTTPS: (login) =>
        new HttpsProxyAgent(`https://${at(login)}localhost:${https.port}`, { ca: proxyCertificate.cert }),
      SOCKS5: (login) => new SocksProxyAgent(`socks5h://${at(login)}127.0.0.1:${socks.port}`),
    };

    /** The address from which a request came. */
    async function seenFrom(url: string, options: Parameters<typeof nodeSocket>[0]): Promise<unknown> {
      const client = createClient({ url, connect: nodeSocket(options), reconnect: false });
      try {
        return await client.request('who');
      } finally {
        await client.close();
      }
    }

    describe.each(Object.keys(agents))('over %s', (kind) => {
      const agent = (as = login): Agent => agents[kind]!(as);

      it('reaches ws: servers', async () => {
        expect(await seenFrom(plain.url, { agent: agent() })).toBe(proxyAddress);
      });

      it('reaches wss: servers, whose certificate it checks', async () => {
        expect(await seenFrom(secure.url, { agent: agent(), ca: server.cert })).toBe(proxyAddress);
        const unknown = await failure(nodeSocket({ agent: agent() }), secure.url);
        expect(unknown.code).toBe(1006);
        expect(unknown.reason).toMatch(/self-signed certificate/);
      });

      it('says that the proxy wants a password, or another one', async () => {
        const none = await failure(nodeSocket({ agent: agent('') }), plain.url);
        const wrong = await failure(nodeSocket({ agent: agent(`${proxyUser}:wrong`) }), plain.url);
        expect(none.code).toBe(1006);
        expect(none.reason).toMatch(kind === 'SOCKS5' ? /authentication/i : /^HTTP 407/);
        // What an HTTP proxy answers reads as if the server had: tinyproxy takes 401 for a wrong password.
        expect(wrong.code).toBe(kind === 'SOCKS5' ? 1006 : 4401);
        expect(wrong.reason).toMatch(kind === 'SOCKS5' ? /authentication failed/i : /^HTTP 401/);
      });

      it('says that nobody listens behind the proxy', async () => {
        const url = `ws://127.0.0.1:${await freePort()}`;
        const { code, reason } = await failure(nodeSocket({ agent: agent() }), url);
        expect([1006, 1014]).toContain(code);
        expect(reason).not.toBe('');
      });
    });

    it('checks the certificate of the proxy too', async () => {
      const agent = new HttpsProxyAgent(`https://${login}@localhost:${https.port}`);
      const { code, reason } = await failure(nodeSocket({ agent }), plain.url);
      expect(code).toBe(1006);
      expect(reason).toMatch(/self-signed certificate/);
    });

    it('comes back through a proxy that was gone, with all that was asked meanwhile', async () => {
      const client = createClient({
        url: plain.url,
        connect: nodeSocket({ agent: agents['HTTP']!(login) }),
        reconnect: fixed(20),
      });
      try {
        expect(await client.request('who')).toBe(proxyAddress);
        const isAway = new Promise<void>((resolve) =>
          client.when('state', ({ state }) => {
            if (state === 'waiting') resolve();
          }),
        );
        await http.kill();
        await isAway;
        const asked = client.request('who');
        await http.start();
        expect(await asked).toBe(proxyAddress);
        expect(client.state).toBe('open');
      } finally {
        await client.close();
      }
    });
  },
);
