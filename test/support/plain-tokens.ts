import type {
  AuthenticationStrategy,
  FirstMessage,
  Found,
} from '../../lib/pipeline/stages/authentication/authentication.js';
import { AuthenticationError } from '../../lib/pipeline/stages/authentication/authentication-error.js';
import type { ConnectCredentials } from '../../lib/pipeline/stages/authentication/credentials.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';

/** Tokens that say it all: `alice/120` is Alice's, for two minutes; `alice` is hers for ever. */
export class PlainTokens implements AuthenticationStrategy {
  readonly name: string = 'plain';
  readonly challenge = 'Bearer realm="test"';
  /** What the next verification waits for. */
  gate: Promise<void> | undefined;

  constructor(readonly firstMessage: FirstMessage = 'gatewire.v1') {}

  authenticate(credentials: ConnectCredentials): Found | Promise<Found> {
    const token = credentials.token({ query: 'token' });
    return token === undefined ? undefined : this.verifyToken(token);
  }

  async verifyToken(token: string): Promise<Found> {
    await this.gate;
    const [id = '', seconds] = token.split('/');
    if (id === 'down') throw new GatewireError(ErrorCode.Unavailable, 'the issuer is down');
    if (id === 'banned') throw new GatewireError(ErrorCode.Forbidden, 'you are banned');
    if (id === 'bad') throw new AuthenticationError('the token is bad');
    if (id === 'unknown') return undefined;
    return {
      principal: { id, token },
      expiresAt: seconds === undefined ? undefined : Date.now() + Number(seconds) * 1000,
    };
  }
}
