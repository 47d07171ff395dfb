import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';

/**
 * Gives a TLS server another certificate: new connections get it, those that there are stay. All of the secure context is
 * set anew, so `context` holds what else it is to have (`ca`, `ciphers`).
 *
 * @throws {Error} of OpenSSL for a key that does not fit the certificate: then nothing has changed
 *
 * @example
 * reloadTls(app.getHttpServer(), { key: await readFile('tls.key'), cert: await readFile('tls.crt') });
 */
export function reloadTls(server: Pick<Server, 'setSecureContext'>, context: SecureContextOptions): void {
  // The server would keep half of what it refuses.
  createSecureContext(context);
  server.setSecureContext(context);
}
