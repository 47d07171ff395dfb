import { generateKeyPairSync } from 'node:crypto';
import { jest } from '@jest/globals';
import { Compress } from '../../../lib/nest/decorators/compress.decorator.js';
import { Encryption } from '../../../lib/nest/decorators/encrypted.decorator.js';
import { Signing } from '../../../lib/nest/decorators/signed.decorator.js';
import { x25519Key } from '../../../lib/pipeline/stages/encryption/encryption-keys.js';
import { ed25519Key, hmacKey } from '../../../lib/pipeline/stages/signing/signing-keys.js';
import { chromiumPath } from '../../e2e/chromium.js';
import { describeWith, succeeds } from '../../e2e/required-program.js';
import { PageServer } from './page-server.js';

jest.setTimeout(60_000);

const secret = 'a secret of at least thirty-two bytes';
const longLived = x25519Key('k1', generateKeyPairSync('x25519').privateKey);

/** Makes a key that no script can read, tells the server its public half, and then talks through all stages. */
const app = `
import { createClient, pipeline } from 'gatewire/client';
import { aggregate, batching, priorities, sum } from 'gatewire/client/flow';
import { compression, ed25519Key, encryption, hmacKey, logging, signing, textFilter } from 'gatewire/client/stages';
const records = [];
const errors = [];
let pair;
globalThis.makeKey = async () => {
  pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  return crypto.subtle.exportKey('jwk', pair.publicKey);
};
globalThis.begin = () => {
  const keys = [ed25519Key('page', pair), hmacKey('h1', '${secret}')];
  const client = createClient({
    url: '/',
    flow: { order: priorities(), batch: batching(), combine: aggregate({ events: { clicked: sum() } }) },
    pipeline: pipeline(
      logging({ log: (record) => records.push(record) }),
      textFilter({ contains: 'hidden', direction: 'outbound', outcome: { replace: '***' } }),
      compression(),
      signing({ keys: { current: () => keys[0], find: (kid) => keys.find((key) => key.kid === kid) }, inbound: 'required' }),
      encryption({ serverKey: { kid: 'k1', x: '${longLived.publicJwk.x as string}' } }),
    ),
  });
  client.when('error', (error) => errors.push(error.code));
  Object.assign(globalThis, { client, records, errors });
};
`;

describeWith('Chromium', () => succeeds(chromiumPath, '--version'))('stages in a page', () => {
  let server: PageServer;
  let pageKey: ReturnType<typeof ed25519Key> | undefined;
  const clicks: unknown[] = [];

  beforeAll(async () => {
    const keys = {
      current: () => hmacKey('h1', secret),
      find: (kid: string | undefined) => (kid === 'page' ? pageKey : undefined),
    };
    server = await PageServer.start({
      host: {
        middleware: [
          Compress.of(),
          Encryption.of({ keys: [longLived], require: true }),
          Signing.of({ keys, outbound: 'all' }),
        ],
      },
      handlers: {
        echo: (data, { protection }) => ({
          data,
          kid: protection?.encrypted?.kid,
          signed: protection?.signed?.alg,
        }),
        clicked: (count) => void clicks.push(count),
      },
      programs: { '/app.js': app },
    });
  });
  afterAll(() => server?.stop());

  it('filter, compress, sign with a key that no script can read, encrypt, and undo it all', async () => {
    const page = await server.open();
    await page.waitForFunction('globalThis.begin !== undefined');
    const jwk = await page.evaluate<object>('makeKey()');
    pageKey = ed25519Key('page', jwk);
    await page.evaluate('begin()');
    const answer = await page.evaluate(`client.request('echo', ['hidden', 'x'.repeat(5_000)])`);
    expect(answer).toEqual({ data: ['***', 'x'.repeat(5_000)], kid: 'session:1', signed: 'EdDSA' });
    await page.evaluate(`Promise.all([1, 2, 3].map((count) => client.emit('clicked', count).delivered))`);
    expect(clicks).toEqual([6]);
    const outcomes = await page.evaluate('records.map(({ event, outcome }) => [event, outcome])');
    expect(outcomes).toEqual([
      ['echo', 'sent'],
      ['echo', 'value'],
      ['clicked', 'sent'],
      ['clicked', 'value'],
    ]);
    expect(await page.evaluate('errors')).toEqual([]);
    expect(server.errors).toEqual([]);
  });
});
