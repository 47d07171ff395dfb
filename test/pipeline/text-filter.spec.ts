import { RE2JS } from 're2js';
import { TextMessageFilter } from '../../lib/nest/decorators/message-filter.decorator.js';
import type { LinearEngine } from '../../lib/exchange/filter/pattern-matcher.js';
import type { TextFilterOptions } from '../../lib/pipeline/stages/filter/create-message-filter.js';
import { StageBench } from '../support/stage-bench.js';

const bench = (options: TextFilterOptions): StageBench => StageBench.of(TextMessageFilter.of(options));
const isFound = (options: TextFilterOptions, data: unknown): boolean => {
  const outcome = bench(options).inbound('chat', data).outcome();
  if (outcome !== undefined) expect(outcome).toMatchObject({ kind: 'error', error: { code: 'FILTERED' } });
  return outcome !== undefined;
};
const replaced = (options: TextFilterOptions, data: unknown): unknown =>
  bench({ outcome: { replace: '***' }, ...options })
    .inbound('chat', data)
    .passed()?.data;

describe('substrings', () => {
  it.each([
    ['a plain string', 'what the HECK'],
    ['nested strings', { a: [{ b: 'heck' }] }],
    ['an own __proto__', JSON.parse('{"__proto__":{"x":"heck"}}')],
    ['an object that says how it becomes JSON', { toJSON: () => ({ text: 'heck' }) }],
  ])('are found in %s, in any case', (_name, data) => {
    expect(isFound({ contains: 'Heck' }, data)).toBe(true);
  });

  it.each([
    ['names of properties', { heck: 1 }],
    ['bytes', Buffer.from('heck')],
    ['numbers', 5],
    ['null', null],
  ])('are not looked for in %s', (_name, data) => {
    expect(isFound({ contains: ['heck', '5'] }, data)).toBe(false);
  });

  it('are found in the very case only, where so asked', () => {
    expect(isFound({ contains: 'Heck', ignoreCase: false }, 'heck')).toBe(false);
    expect(isFound({ contains: 'Heck', ignoreCase: false }, 'oh Heck')).toBe(true);
  });

  it.each([
    ['İstanbul heck', 'İstanbul ***'],
    ['HECK İ heck', '*** İ ***'],
    ['ΟΔΟΣ', '***'],
    ['οδοσ ΟΔΟΣΑ', '*** ***Α'],
    ['darnheckdarn', '*********'],
    ['nothing', 'nothing'],
  ])('are replaced in their place: %s', (text, expected) => {
    expect(replaced({ contains: ['heck', 'darn', 'οδος'] }, text)).toBe(expected);
  });

  it('that overlap are replaced as one', () => {
    expect(replaced({ contains: ['abc', 'bcd', 'b'] }, 'xabcdx')).toBe('x***x');
  });

  it('are replaced by what a function makes of them, as it stands', () => {
    const outcome = { replace: (found: string) => `$&${found.length}` };
    expect(replaced({ contains: 'heck', outcome }, 'oh HECK!')).toBe('oh $&4!');
  });
});

describe('what is examined', () => {
  it('is what the paths lead to', () => {
    const options = { contains: 'heck', fields: ['text', 'lines.*.body', '**.comment', 'deep.tree'] };
    expect(isFound(options, { text: 'heck' })).toBe(true);
    expect(isFound(options, { title: 'heck' })).toBe(false);
    expect(isFound(options, { lines: [{ body: 'ok' }, { body: 'heck' }] })).toBe(true);
    expect(isFound(options, { lines: [{ head: 'heck' }] })).toBe(false);
    expect(isFound(options, { a: { b: { comment: 'heck' } } })).toBe(true);
    expect(isFound(options, { comment: ['heck'] })).toBe(true);
    expect(isFound(options, { deep: { tree: { any: 'heck' }, other: 'heck' } })).toBe(true);
    expect(isFound(options, { deep: { other: 'heck' } })).toBe(false);
  });

  it('is bounded in strings and characters, exactly, and more is refused', () => {
    const options = { contains: 'heck', limits: { strings: 3, characters: 10 } };
    expect(bench(options).inbound('chat', ['a', 'b', 'c']).passed()).toBeDefined();
    expect(bench(options).inbound('chat', ['1234567890']).passed()).toBeDefined();
    for (const data of [['a', 'b', 'c', 'd'], ['12345678901']]) {
      const { outcome, passed } = bench(options).inbound('chat', data);
      expect(outcome()).toMatchObject({
        kind: 'error',
        error: { code: 'PAYLOAD_TOO_LARGE', details: { strings: 3, characters: 10 } },
      });
      expect(passed()).toBeUndefined();
    }
  });

  it('is refused when it is nested too deeply, a cycle too', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => bench({ contains: 'x', direction: 'outbound' }).outbound('chat', cycle)).toThrow(
      'more text',
    );
  });

  it('leaves data that it changes on the way out as it was, with the prototype of what it copies', () => {
    class Note {
      constructor(
        readonly text: string,
        readonly tags: string[],
      ) {}
      get shout() {
        return this.text.toUpperCase();
      }
    }
    const note = new Note('oh heck', ['a']);
    const data = { note, other: { x: 1 } };
    const { passed } = bench({ contains: 'heck', direction: 'both', outcome: { replace: '***' } }).outbound(
      'chat',
      data,
    );
    const sent = passed()?.data as typeof data;
    expect(sent).toEqual({ note: { text: 'oh ***', tags: ['a'] }, other: { x: 1 } });
    expect(sent.note.shout).toBe('OH ***');
    expect(sent.other).toBe(data.other);
    expect(note.text).toBe('oh heck');
  });

  it('keeps a __proto__ of the peer what it is: a name', () => {
    const sent = replaced({ contains: 'heck' }, JSON.parse('{"__proto__":{"x":"heck"},"a":1}')) as object;
    expect(JSON.stringify(sent)).toBe('{"__proto__":{"x":"***"},"a":1}');
    expect(Object.getPrototypeOf(sent)).toBe(Object.prototype);
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});

describe('URLs', () => {
  const urls = [
    'evil.com',
    'https://bad.example/malware/',
    'part.example:8080',
    'пример.рф',
    '127.0.0.1',
    '*.wild.test',
  ];
  it.each([
    'evil.com',
    'see EVIL.COM.',
    'http://evil.com',
    'https://www.evil.com:8443/x?y#z',
    'https:\\\\evil.com',
    'http:evil.com/x',
    '//evil.com/',
    'http://good.com@evil.com/',
    'http://good.com:p,w@evil.com/',
    'http://ev%69l.com',
    'http://%65%76%69%6c%2e%63%6f%6d/',
    'https://good.com/?u=http%3A%2F%2Fevil.com%2Fx',
    'https://good.com/?u=http%253A%252F%252Fevil.com',
    'mailto:me@evil.com',
    '(evil.com)',
    '[x](http://evil.com)',
    '_evil.com_',
    '👉evil.com👈',
    '请看evil.com谢谢',
    'ｅｖｉｌ．ｃｏｍ',
    '𝐞𝐯𝐢𝐥.com',
    'evil。com',
    'ev\u00adil.com',
    'e\u200bvil.com',
    'a.b.c.evil.com..',
    'bad.example/malware/x.exe',
    'http://BAD.example//malware/',
    'http://bad.example/a/../malware/x',
    'http://bad.example/%6dalware/x',
    'http://bad.example/MALWARE/x',
    'part.example:8080/x',
    'http://xn--e1afmkfd.xn--p1ai/',
    'смотри ПРИМЕР.рф!',
    '127.0.0.1',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://127.1:80',
    'x.wild.test',
  ])('are found however they are spelled: %s', (text) => {
    expect(isFound({ urls }, { text })).toBe(true);
  });

  it.each([
    'notevil.com',
    'evil.community',
    'evil.com.good.org',
    'evil com',
    'bad.example',
    'bad.example/malwares/x',
    'bad.example/other?x=/malware/',
    'part.example',
    'part.example:80808',
    'part.example/8080',
    '127.0.0.2',
    '1.127.0.0.1.1',
    'http://%zz',
    '%%%.%',
    'http://[::1]/',
    '',
  ])('are not found in what is something else: %s', (text) => {
    expect(isFound({ urls }, { text })).toBe(false);
  });

  it('count https for the port that is said, and words for hosts only where one is listed', () => {
    expect(isFound({ urls: ['evil.com:443'] }, 'https://evil.com/')).toBe(true);
    expect(isFound({ urls: ['localhost'] }, 'http://LOCALHOST:3000')).toBe(true);
    expect(isFound({ urls }, 'localhost')).toBe(false);
  });

  it('are replaced with the words that they are in', () => {
    expect(
      replaced({ urls, outcome: { replace: '[link]' } }, 'go to https://www.evil.com/x?y, now (or good.com)'),
    ).toBe('go to [link], now (or good.com)');
  });

  it('that need a parser are bounded, exactly, and more is refused', () => {
    const options = { urls, limits: { links: 3 } };
    const links = (count: number): string => Array.from({ length: count }, (_, i) => `é${i}.com`).join(' ');
    expect(bench(options).inbound('chat', links(3)).passed()).toBeDefined();
    expect(bench(options).inbound('chat', links(4)).outcome()).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE' },
    });
    // Full stops of a script without spaces are none.
    expect(bench(options).inbound('chat', '请看。'.repeat(100)).passed()).toBeDefined();
    // In canonical form they cost a look into a table.
    expect(bench(options).inbound('chat', 'a.com b.com c.com d.com e.com').passed()).toBeDefined();
  });

  it('are refused as options when they are none', () => {
    expect(() => bench({ urls: ['http://'] })).toThrow('gatewire option "urls"');
    expect(() => bench({ urls: ['a b'] })).toThrow('gatewire option "urls"');
  });
});

describe('patterns', () => {
  it.each<[string | RegExp, string, boolean]>([
    ['\\bfree\\s+money\\b', 'get free   money now', true],
    [/free\s+money/i, 'FREE MONEY', true],
    [/free\s+money/, 'FREE MONEY', false],
    [/^b/m, 'a\nb', true],
    [/a.b/s, 'a\nb', true],
    [/(?<year>\d{4})\/\d\d/u, '2026/11', true],
    [/\u{1F600}/u, '😀', true],
  ])('%s in "%s": %s', (patterns, text, expected) => {
    expect(isFound({ patterns, engine: RE2JS }, text)).toBe(expected);
  });

  it('are replaced, where several overlap as one', () => {
    const options = { patterns: [/\d{4,}/, /\d+x/, 'a'], engine: RE2JS };
    expect(replaced(options, '12345x, 12, a')).toBe('***, 12, ***');
    expect(replaced({ patterns: 'z*', engine: RE2JS }, 'abc')).toBe('abc');
  });

  it('are replaced as often as the limit says, and a message with more is refused', () => {
    const options = { patterns: 'x.*y|x', engine: RE2JS, outcome: { replace: '' } };
    expect(bench(options).inbound('chat', 'x'.repeat(100)).passed()?.data).toBe('');
    expect(bench(options).inbound('chat', 'x'.repeat(101)).outcome()).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE' },
    });
  });

  it.each(['(a+)+$', '(a|a)+$', '(a|aa)+$', '(.*a){12}$'])(
    'with which backtracking never ends take steps in proportion to the text: %s',
    (pattern) => {
      // The engine reads the text through a list that counts.
      let reads = 0;
      const counting: LinearEngine = {
        compile: (source) => {
          const compiled = RE2JS.compile(source);
          const matcher = (text: string) =>
            compiled.matcher(
              new Proxy([...Buffer.from(text)], {
                get: (bytes, name) => {
                  if (typeof name === 'string' && /^\d/.test(name)) reads++;
                  return Reflect.get(bytes, name) as unknown;
                },
              }),
            );
          return { test: (text) => matcher(text).find(), matcher };
        },
      };
      const readsOf = (patterns: string, length: number): number => {
        reads = 0;
        expect(isFound({ patterns, engine: counting }, 'a'.repeat(length) + '!')).toBe(false);
        return reads;
      };
      const baseline = readsOf('b$', 50_000);
      expect(baseline).toBeGreaterThan(49_999);
      expect(readsOf(pattern, 50_000)).toBeLessThanOrEqual(baseline * 4);
      expect(readsOf(pattern, 50_000)).toBeLessThanOrEqual(readsOf(pattern, 25_000) * 2.1);
    },
  );

  it('run on the engine as it is, too', () => {
    expect(isFound({ patterns: '(a+)+$', engine: RE2JS }, 'a'.repeat(50_000) + '!')).toBe(false);
  });

  it('are refused without an engine, and when it does not know them', () => {
    expect(() => bench({ patterns: 'x' })).toThrow('npm install re2js');
    expect(() => bench({ patterns: /(?=x)/, engine: RE2JS })).toThrow('gatewire option "patterns"');
    expect(() => bench({ patterns: '(a)\\1', engine: RE2JS })).toThrow('invalid escape sequence');
  });
});

describe('options', () => {
  it.each<[TextFilterOptions, string]>([
    [{}, 'something to look for'],
    [{ contains: [] }, 'something to look for'],
    [{ contains: '' }, 'strings with a character'],
    [{ contains: 'x', fields: [] }, 'at least one path'],
    [{ contains: 'x', fields: ['a..b'] }, 'single dots'],
    [{ contains: 'x', limits: { characters: 0 } }, 'limits.characters'],
    [{ contains: 'x', direction: 'up' as never }, 'direction'],
  ])('that cannot work are refused: %j', (options, message) => {
    expect(() => bench(options)).toThrow(message);
  });
});
