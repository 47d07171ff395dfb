import { NonceWindow } from '../../lib/exchange/signing/nonce-window.js';
import { SignatureWork } from '../../lib/pipeline/stages/signing/signature-work.js';
import { ed25519Key, hmacKey } from '../../lib/pipeline/stages/signing/signing-keys.js';
import { parseJoseHeader } from '../../lib/protocol/jose-header.js';
import { type JwsParts, readJwsHeader, splitJws } from '../../lib/protocol/jws-compact.js';

it.each([
  [
    'RFC 7515 appendix A.1',
    hmacKey(
      'k',
      Buffer.from(
        'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
        'base64url',
      ),
    ),
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  ],
  [
    'RFC 8037 appendix A.4',
    ed25519Key('k', { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }),
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  ],
])('verifies the vector of %s', async (_, key, token) => {
  const { header, signed: length, signature } = splitJws(token) as JwsParts;
  expect(readJwsHeader(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: key.alg });
  const work = new SignatureWork();
  expect(await work.verify(key, token.slice(0, length), signature)).toBe(true);
  expect(await work.verify(key, token.slice(1, length), signature)).toBe(false);
});

it('forgets nonces after a time, in two generations', () => {
  const window = new NonceWindow(100, 2, 0);
  expect(window.use('a', 0)).toBe('new');
  expect(window.use('a', 99)).toBe('seen');
  expect(window.use('b', 99)).toBe('new');
  expect(window.use('c', 99)).toBe('full');
  expect(window.use('a', 100)).toBe('seen');
  expect(window.use('b', 199)).toBe('seen');
  expect(window.use('c', 199)).toBe('new');
  expect(window.use('b', 200)).toBe('new');
});

it.each([
  '{"alg":"HS256","alg":"none"}',
  '{"a":{"x":1},"b":[":",{"y":2}],"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"alg":"HS256","crit":["x"]}',
  '{"alg":"HS256","b64":false}',
  '[]',
  'null',
  '1',
  '{',
  '',
])('no header of JOSE, where each member is there once: %s', (text) => {
  expect(parseJoseHeader(text)).toBeUndefined();
});

it('a header may have what looks like members in strings and deeper down', () => {
  const header = { a: '"b":{', 'c":': { a: 1, b: { a: 2 } }, d: ['{', ':', { a: 1 }], e: '\\' };
  expect(parseJoseHeader(JSON.stringify(header, null, 2))).toEqual(header);
});
