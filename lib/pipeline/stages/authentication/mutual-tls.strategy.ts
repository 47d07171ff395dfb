import type { PeerCertificate } from 'node:tls';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import { accepted } from './accepted.js';
import type { AuthenticationStrategy, Found, Verified } from './authentication.js';
import type { ConnectCredentials } from './credentials.js';

/** Who certificates stand for. */
export interface MutualTlsOptions {
  /** Says who it is; nobody refuses. @default the subject's common name as `id` */
  readonly toPrincipal?: (certificate: PeerCertificate) => Verified | Promise<Verified>;
}

/**
 * The client's TLS certificate (RFC 8446 section 4.4.2). The HTTPS server has to ask for it (`requestCert: true`) and to
 * know who issues them (`ca`); one that it has not been able to verify is refused with 403. Holds until the certificate
 * ends. The connection has to end here: what a proxy says about a certificate is not asked.
 *
 * @throws {OptionError}
 */
export function mutualTls({ toPrincipal = byCommonName }: MutualTlsOptions = {}): AuthenticationStrategy {
  if (typeof toPrincipal !== 'function')
    throw new OptionError('mutualTls.toPrincipal', 'a function', toPrincipal);
  return {
    name: 'mutualTls',
    challenge: 'Mutual-TLS',
    authenticate({ tls }: ConnectCredentials): Found | Promise<Found> {
      const certificate = tls?.getPeerCertificate();
      // Node gives an empty object where the client has sent none.
      if (tls === undefined || certificate === undefined || Object.keys(certificate).length === 0)
        return undefined;
      if (!tls.authorized)
        throw new GatewireError(ErrorCode.Forbidden, 'the client certificate cannot be verified');
      return accepted(toPrincipal(certificate), { expiresAt: Date.parse(certificate.valid_to) });
    },
  };
}

function byCommonName({ subject }: PeerCertificate): Verified {
  const name = [subject.CN].flat()[0];
  return name === undefined || name === '' ? undefined : { id: name };
}
