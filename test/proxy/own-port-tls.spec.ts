import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { resolveOwnPorts } from '../../lib/server/own-port-options.js';
import { createCertificate } from '../support/certificate.js';
import { FakeClock } from '../support/fake-clock.js';
import { OwnPortFixture } from '../support/own-port-fixture.js';

const first = createCertificate('first');
const second = createCertificate('second');
const ca = [first.cert, second.cert];

let fixture: OwnPortFixture | undefined;
const folder = mkdtempSync(join(tmpdir(), 'gatewire-tls-'));
const files = { keyFile: join(folder, 'tls.key'), certFile: join(folder, 'tls.crt') };

function write({ key, cert }: { key: string; cert: string }): void {
  writeFileSync(files.keyFile, key);
  writeFileSync(files.certFile, cert);
}

/** The name in the certificate that a new connection is shown. */
async function shown(port: number): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', ca });
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subject.CN as string;
  socket.destroy();
  return name;
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('TLS on a port of its own', () => {
  it('serves wss, and the handshake says so', async () => {
    fixture = await OwnPortFixture.start({ ownPorts: { tls: { key: first.key, cert: first.cert } } });
    const client = await fixture.client('wss', { ca });
    expect(await client.ask('who')).toEqual({
      id: 1,
      data: { address: expect.any(String) as unknown, isSecure: true },
    });
    await expect(fixture.client('ws')).rejects.toThrow();
  });

  it('asks clients for certificates where it is told to', async () => {
    const tls = {
      key: first.key,
      cert: first.cert,
      ca: second.cert,
      requestCert: true,
      rejectUnauthorized: true,
    };
    fixture = await OwnPortFixture.start({ ownPorts: { tls } });
    const client = await fixture.client('wss', { ca, key: second.key, cert: second.cert });
    expect(await client.ask('who')).toMatchObject({ data: { isSecure: true } });
    await expect(fixture.client('wss', { ca })).rejects.toThrow();
    await expect(fixture.client('wss', { ca, key: first.key, cert: first.cert })).rejects.toThrow();
  });

  it('takes the settings of each port', async () => {
    const asked: number[] = [];
    fixture = await OwnPortFixture.start({
      ownPorts: (port) => {
        asked.push(port);
        return { tls: { key: first.key, cert: first.cert } };
      },
    });
    expect(await shown(fixture.port)).toBe('first');
    expect(asked).toEqual([fixture.port]);
  });

  it('gives new connections a renewed certificate, and keeps those there are', async () => {
    write(first);
    const clock = new FakeClock();
    fixture = await OwnPortFixture.start({ ownPorts: { tls: { files } } }, { clock });
    const { port } = fixture;
    const client = await fixture.client('wss', { ca });
    expect(await shown(port)).toBe('first');
    write(second);
    clock.advance(9_999);
    expect(await shown(port)).toBe('first');
    clock.advance(1);
    while (fixture.stages['tls.reloaded'] === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    expect(await shown(port)).toBe('second');
    expect(await client.ask('who')).toMatchObject({ data: { isSecure: true } });
  });

  it('keeps the certificate while the files do not fit each other, and says so', async () => {
    write(first);
    const clock = new FakeClock();
    fixture = await OwnPortFixture.start({ ownPorts: { tls: { files } } }, { clock });
    const { stages, port } = { stages: () => fixture!.stages, port: fixture.port };
    writeFileSync(files.keyFile, second.key);
    clock.advance(10_000);
    while (stages()['tls.reload-failed'] === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await shown(port)).toBe('first');
    expect(fixture.log.lines.join()).toContain('key values mismatch');
    writeFileSync(files.certFile, second.cert);
    clock.advance(10_000);
    while (stages()['tls.reloaded'] === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await shown(port)).toBe('second');
  });

  it('counts failed TLS handshakes', async () => {
    fixture = await OwnPortFixture.start({ ownPorts: { tls: { key: first.key, cert: first.cert } } });
    const socket = await fixture.socket();
    socket.end('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect(fixture.stages['tls.failed']).toBe(1);
  });

  it('closes though somebody has not begun to speak', async () => {
    fixture = await OwnPortFixture.start({ ownPorts: { tls: { key: first.key, cert: first.cert } } });
    const silent = await fixture.socket();
    const closed = once(silent, 'close');
    // The server has it once a later connection is through.
    await fixture.client('wss', { ca });
    await fixture.engine.close();
    await closed;
  });

  it.each<[string, unknown, string]>([
    ['no certificate', {}, 'ownPorts.tls'],
    ['no key file', { files: { certFile: 'a' } }, 'ownPorts.tls.files.keyFile'],
    ['an empty certificate file', { files: { keyFile: 'a', certFile: '' } }, 'ownPorts.tls.files.certFile'],
    [
      'an authority that is no file',
      { files: { keyFile: 'a', certFile: 'b', caFile: 1 } },
      'ownPorts.tls.files.caFile',
    ],
    [
      'no time at all',
      { files: { keyFile: 'a', certFile: 'b', checkEveryMs: 0 } },
      'ownPorts.tls.files.checkEveryMs',
    ],
  ])('refuses %s', (_name, tls, option) => {
    expect(() => resolveOwnPorts({ tls: tls as object })).toThrow(option);
  });

  it('does not start with files that are not there', async () => {
    const nowhere = { keyFile: join(folder, 'nothing.key'), certFile: join(folder, 'nothing.crt') };
    await expect(OwnPortFixture.start({ ownPorts: { tls: { files: nowhere } } })).rejects.toThrow('ENOENT');
  });
});
