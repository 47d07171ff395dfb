import type { IncomingMessage } from 'node:http';
import { createHmac } from 'node:crypto';
import { Handshake } from '../../lib/connection/handshake.js';
import { basic } from '../../lib/pipeline/stages/authentication/basic.strategy.js';
import { cookieSession } from '../../lib/pipeline/stages/authentication/cookie-session.strategy.js';
import { readCookie } from '../../lib/pipeline/stages/authentication/cookies.js';
import { ConnectCredentials } from '../../lib/pipeline/stages/authentication/credentials.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { pick, type Random, wholeNumber } from '../protocol/random.js';
import { TestStageHost } from '../support/stage-host.js';
import { fuzz, mutate } from './fuzz.js';

const host = new TestStageHost();
const secret = 'the secret of the sessions';

function credentialsOf(headers: Record<string, string>, url = '/'): ConnectCredentials {
  const rawHeaders = Object.entries(headers).flat();
  const request = { url, rawHeaders, headers } as unknown as IncomingMessage;
  const handshake = new Handshake({ request, address: '10.0.0.1', isSecure: true, path: '/', params: {} });
  return new ConnectCredentials(handshake, true);
}

/** As they come from Node's parser: any byte that a header may have. */
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '');

/** Runs what must throw nothing but refusals. */
function refusing<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (!isGatewireError(error) || error.code !== 'UNAUTHENTICATED') throw error;
    return undefined;
  }
}

it('no Authorization header takes basic() by surprise, and only the right one passes', () => {
  const pair = Buffer.from('alice:pässword').toString('base64');
  const strategy = basic({
    verify: (username, password) =>
      username === 'alice' && password === 'pässword' ? { id: username } : null,
  });
  const accepted = new Set<string>();
  fuzz(
    (random) => latin1(mutate(random, Buffer.from(`Basic ${pair}`), Buffer.from('Bearer a.b.c'))),
    (Authorization) => {
      const found = refusing(() => strategy.authenticate(credentialsOf({ Authorization }), host));
      if (found !== undefined) accepted.add(Authorization.trim().replace(/^basic +/i, ''));
    },
  );
  // The last bits before the padding mean nothing to base64.
  for (const one of accepted) expect(Buffer.from(one, 'base64').toString()).toBe('alice:pässword');
});

it('no Cookie header takes cookieSession() by surprise, and the store is asked for signed ids alone', () => {
  const sign = (id: string): string =>
    createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '');
  const cookie = (id: string): string => `sid=${encodeURIComponent(`s:${id}.${sign(id)}`)}`;
  const asked = new Set<string>();
  const strategy = cookieSession({
    name: 'sid',
    secret,
    store: {
      get: (id, callback) => {
        asked.add(id);
        callback(null, {});
      },
    },
    toPrincipal: () => ({ id: 'u1' }),
  });
  fuzz(
    (random) => {
      const valid = `theme=dark; ${cookie(pick(random, ['one', 'two']))}; other=%20; quoted="%41"; bare`;
      return latin1(mutate(random, Buffer.from(valid), Buffer.from(cookie('two'))));
    },
    (Cookie) => {
      for (const name of ['other', 'quoted', 'bare', 'none']) readCookie(Cookie, name);
      void refusing(() => strategy.authenticate(credentialsOf({ Cookie }), host));
    },
  );
  expect(readCookie(undefined, 'other')).toBeUndefined();
  expect([...asked].filter((id) => id !== 'one' && id !== 'two')).toEqual([]);
});

it('a secret of the query is nowhere once it has been taken', () => {
  const random = (source: Random): string => {
    const noise = latin1(
      mutate(source, Buffer.from('a=1&token=SECRET&b=%41&%74oken=SECRET'), Buffer.from('?&=%')),
    );
    return `/path?${noise.replaceAll('SECRET', `SECRET${wholeNumber(source, 10)}`).replace(/[ \t#]/g, '')}`;
  };
  fuzz(random, (url) => {
    const { handshake } = credentialsOf({}, url);
    const values = handshake.query.getAll('token');
    const taken = handshake.secretQuery('token');
    if (taken !== (values[0] ?? undefined)) throw new Error('another value');
    if (handshake.secretQuery('token') !== taken) throw new Error('another value the second time');
    for (const value of handshake.query.getAll('token'))
      if (value !== 'redacted') throw new Error('the secret is still there');
    if (handshake.request?.url !== handshake.url) throw new Error('the request still has it');
  });
});

it('no upgrade request takes the reading of tokens by surprise', () => {
  fuzz(
    (random) =>
      latin1(
        mutate(
          random,
          Buffer.from('gatewire.v1.json, gatewire.bearer.YWxpY2U, chat'),
          Buffer.from('Bearer YWxpY2U'),
        ),
      ),
    (text) => {
      const credentials = credentialsOf({
        'Sec-WebSocket-Protocol': text,
        Authorization: text,
        Cookie: text,
      });
      credentials.token({ cookie: 'token', query: 'token' });
      void [credentials.areOffered, credentials.speaksProtocol, credentials.tls];
    },
  );
});
