import { readFileSync } from 'node:fs';
import {
  CloseCode,
  closeReaction,
  closeTraits,
  decodeDefaults,
  ErrorCode,
  errorTraits,
} from '../../lib/protocol/index.js';

const specification = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

/** Rows of the tables in a section, as cells. */
function rowsOf(section: string): string[][] {
  const text = specification.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

describe('PROTOCOL.md', () => {
  it('documents every error code, with the traits it has in code, and no other', () => {
    const documented = rowsOf('Errors').filter(([code]) => code?.startsWith('`'));
    const traits = documented.map(([code, status, advice]) => [
      code?.slice(1, -1),
      { httpStatus: Number(status), advice },
    ]);
    expect(Object.fromEntries(traits)).toEqual(errorTraits);
    expect(documented.map(([code]) => code?.slice(1, -1))).toEqual(Object.values(ErrorCode));
  });

  it('documents every close code, with the traits it has in code, and no other', () => {
    const documented = rowsOf('Close codes').filter(([code]) => Number(code) > 0);
    expect(Object.fromEntries(documented.map(([code, name]) => [name, Number(code)]))).toEqual(CloseCode);
    expect(Object.fromEntries(documented.map(([code, , client]) => [code, { client }]))).toEqual(closeTraits);
  });

  it.each([
    [
      'JSON nesting in a frame (the envelope, or the batch around it, is the first level)',
      decodeDefaults.jsonDepth,
    ],
    ['envelopes in a batch', decodeDefaults.batchItems],
    ['UTF-16 units of an event name', decodeDefaults.eventNameLength],
    ['UTF-16 units of an id', decodeDefaults.messageIdLength],
  ])('documents the default of: %s', (what, value) => {
    expect(rowsOf('Limits').find(([cell]) => cell === what)?.[1]).toBe(String(value));
  });
});

describe('closeReaction', () => {
  it('follows the table, stops at unknown 44xx, and comes back after all others', () => {
    expect([1006, 4401, 4403, 4499, 4400, 4399, 4500, 3000].map(closeReaction)).toEqual([
      'reconnect',
      'refresh-then-reconnect',
      'stop',
      'stop',
      'stop',
      'reconnect',
      'reconnect',
      'reconnect',
    ]);
  });
});
