import { X509Certificate } from 'node:crypto';
import {
  mutualTls,
  type MutualTlsOptions,
} from '../../lib/pipeline/stages/authentication/mutual-tls.strategy.js';
import { CertificateAuthority, type Issued } from '../support/certificates.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import { WhoApp } from './who-app.js';

const ours = new CertificateAuthority();
const foreign = new CertificateAuthority('Another CA');
const server = ours.issue('localhost', 'IP:127.0.0.1');
const alice = ours.issue('alice');
const mallory = foreign.issue('alice');

afterAll(() => {
  ours.remove();
  foreign.remove();
});

let app: WhoApp;
afterEach(() => app.stop());

async function start(options?: MutualTlsOptions): Promise<string> {
  const httpsOptions = { ...server, ca: ours.cert, requestCert: true, rejectUnauthorized: false };
  app = await WhoApp.start([mutualTls(options)], {}, { create: { httpsOptions } });
  return app.app.url.replace('ws:', 'wss:');
}

const tls = (client?: Issued): object => ({ ca: ours.cert, ...client });

describe('mutual TLS', () => {
  it('lets in who has a certificate of an authority that the server knows', async () => {
    const url = await start();
    const client = await app.app.connectTo(url, [], tls(alice));
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
  });

  it('refuses a certificate of another authority with 403, and none with 401', async () => {
    const url = await start();
    expect(await refusedUpgrade(url, [], tls(mallory))).toMatchObject({ status: 403 });
    expect(await refusedUpgrade(url, [], tls())).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Mutual-TLS' },
    });
  });

  it('makes the principal that the application wants', async () => {
    const { serialNumber } = new X509Certificate(alice.cert);
    const url = await start({
      toPrincipal: (certificate) =>
        certificate.serialNumber === serialNumber ? { id: `serial-${serialNumber}` } : null,
    });
    const client = await app.app.connectTo(url, [], tls(alice));
    expect(await client.ask('who')).toMatchObject({ data: { id: `serial-${serialNumber}` } });
    expect(await refusedUpgrade(url, [], tls(ours.issue('bob')))).toMatchObject({ status: 401 });
  });

  it('finds no certificate on a plain connection', async () => {
    app = await WhoApp.start([mutualTls()]);
    expect(await app.refusal()).toMatchObject({ status: 401 });
  });
});
