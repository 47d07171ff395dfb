import { CompactSign } from 'jose';

/** What the sample's login gives. */
export interface TradingLogin {
  readonly token: string;
  readonly kid: string;
  readonly secret: string;
}

/** Logs in at the sample that listens on this port. */
export async function logIn(port: number, user: string, password: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
}

/** What the page offers with this token. */
export function protocolsOf(token: string): string[] {
  return ['gatewire.v1.json', `gatewire.bearer.${Buffer.from(token).toString('base64url')}`];
}

/** A frame as the page signs it. */
export function signedFrame({ kid, secret }: TradingLogin, frame: object): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(frame)))
    .setProtectedHeader({
      alg: 'HS256',
      kid,
      iat: Math.floor(Date.now() / 1000),
      nonce: crypto.randomUUID(),
    })
    .sign(Buffer.from(secret, 'base64url'));
}
