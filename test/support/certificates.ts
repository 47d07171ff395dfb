import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, as PEM. */
export interface Issued {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority of a test, made with the program `openssl`. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatewire-ca-'));
  #issued = 0;

  constructor(name = 'Test CA') {
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    this.#openssl('req', '-x509', ...this.#newKey('ca'), ...subject, '-out', this.#path('ca.pem'));
    this.cert = readFileSync(this.#path('ca.pem'), 'utf8');
  }

  /** @param altName what a server is reached by: `IP:127.0.0.1` */
  issue(commonName: string, altName?: string): Issued {
    const name = `issued-${++this.#issued}`;
    const [key, request, cert] = ['key', 'csr', 'pem'].map((end) => this.#path(`${name}.${end}`)) as [
      string,
      string,
      string,
    ];
    const extensions = this.#path(`${name}.ext`);
    writeFileSync(extensions, altName === undefined ? '' : `subjectAltName=${altName}\n`);
    this.#openssl('req', ...this.#newKey(name), '-subj', `/CN=${commonName}`, '-out', request);
    const ca = ['-CA', this.#path('ca.pem'), '-CAkey', this.#path('ca.key'), '-CAcreateserial'];
    this.#openssl('x509', '-req', '-in', request, ...ca, '-days', '2', '-extfile', extensions, '-out', cert);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #newKey(name: string): string[] {
    return [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      this.#path(`${name}.key`),
    ];
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
