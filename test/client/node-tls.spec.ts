import { createClient } from '../../lib/client/index.js';
import { nodeSocket, type NodeSocketOptions } from '../../lib/client/node/ws-socket.js';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { mutualTls } from '../../lib/pipeline/stages/authentication/mutual-tls.strategy.js';
import { CertificateAuthority } from '../support/certificates.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { TestStageHost } from '../support/stage-host.js';
import { failure } from './socket-listener.js';

describe('TLS of a client on Node', () => {
  const authority = new CertificateAuthority();
  const server = authority.issue('server', 'IP:127.0.0.1');
  const alice = authority.issue('alice');
  const stranger = new CertificateAuthority('Another CA');
  let fixture: EngineFixture;

  beforeAll(async () => {
    fixture = await EngineFixture.start({
      tls: { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
      authenticator: new Authenticator([mutualTls()], new TestStageHost()),
      handlers: { who: (_data, { connection }) => connection.principal ?? null },
    });
  });

  afterAll(async () => {
    await fixture?.stop();
    authority.remove();
    stranger.remove();
  });

  const refusal = (options: NodeSocketOptions): Promise<{ code: number; reason: string }> =>
    failure(nodeSocket(options), fixture.url);

  it('trusts the authority that it is given, and shows its certificate', async () => {
    const client = createClient({ url: fixture.url, connect: nodeSocket({ ca: authority.cert, ...alice }) });
    try {
      expect(await client.request('who')).toMatchObject({ id: 'alice' });
    } finally {
      await client.close();
    }
  });

  it('is refused without a certificate, and with one of somebody else', async () => {
    expect(await refusal({ ca: authority.cert })).toMatchObject({ code: 4401 });
    const other = stranger.issue('alice');
    const { code, reason } = await refusal({ ca: authority.cert, ...other });
    expect(code).toBe(4403);
    expect(reason).toBe('HTTP 403: the client certificate cannot be verified');
  });

  it('trusts no server by default that it does not know', async () => {
    const { code, reason } = await refusal({ ...alice });
    expect(code).toBe(1006);
    expect(reason).toMatch(/certificate/);
    expect(await refusal({ ca: stranger.cert, ...alice })).toMatchObject({ code: 1006 });
  });

  it('checks the name of the server, which may be another than that of the URL', async () => {
    const elsewhere = fixture.url.replace('127.0.0.1', 'localhost');
    const { reason } = await failure(nodeSocket({ ca: authority.cert, ...alice }), elsewhere);
    expect(reason).toMatch(/altnames/);
  });

  it('connects to a server that it is told not to check', async () => {
    expect(await refusal({ rejectUnauthorized: false })).toMatchObject({ code: 4401 });
  });
});
