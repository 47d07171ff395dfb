import { compilePath } from '../../lib/routing/path-pattern.js';
import { normalizePath } from '../../lib/routing/path-segments.js';
import { PathTable } from '../../lib/routing/path-table.js';

describe('compilePath', () => {
  it.each([
    ['/', '/', {}],
    ['/', '', undefined],
    ['/', '/a', undefined],
    ['/chat', '/chat', {}],
    ['chat', '/chat', {}],
    ['/chat', '/chat/', {}],
    ['/chat', '/chat//', {}],
    ['/chat', '/Chat', undefined],
    ['/chat', '/chat/a', undefined],
    ['/räume', '/r%C3%A4ume', {}],
    ['/rooms/:id', '/rooms/7', { id: '7' }],
    ['/rooms/:id', '/rooms/7/', { id: '7' }],
    ['/rooms/:id', '/rooms', undefined],
    ['/rooms/:id', '/rooms/', undefined],
    ['/rooms/:id', '/rooms//', undefined],
    ['/rooms/:id', '/rooms/7/8', undefined],
    ['/rooms/:id', '/rooms/a%20b', { id: 'a b' }],
    ['/rooms/:id', '/rooms/a%2Fb', { id: 'a/b' }],
    ['/rooms/:id', '/rooms/%E0%A4%A', undefined],
    ['/rooms/:id', '/rooms/%', undefined],
    ['/rooms/:id', '/rooms/__proto__', { id: '__proto__' }],
    ['/:a/x/:b', '/1/x/2', { a: '1', b: '2' }],
    ['/:a/x/:b', '//x/2', undefined],
    ['/files/*path', '/files/a/b.txt', { path: ['a', 'b.txt'] }],
    ['/files/*path', '/files/a', { path: ['a'] }],
    ['/files/*path', '/files', undefined],
    ['/files/*', '/files', { '*': [] }],
    ['/files/*', '/files/a/b', { '*': ['a', 'b'] }],
    ['*', '/', { '*': [] }],
    ['*', '/a/b', { '*': ['a', 'b'] }],
    ['/files/*path', '/files/%', undefined],
  ])('%s for %s', (path, pathname, values) => expect(compilePath(path).match(pathname)).toEqual(values));

  it.each([['/a/*rest/b'], ['/a/*/b'], ['/:/b'], ['/:id/:id'], ['/:id/*id']])('refuses %s', (path) => {
    expect(() => compilePath(path)).toThrow(path);
  });
});

describe('normalizePath', () => {
  it.each([
    [undefined, '/'],
    ['', '/'],
    ['/', '/'],
    ['//', '/'],
    ['chat', '/chat'],
    ['/chat/', '/chat'],
    ['chat//a///', '/chat/a'],
  ])('gives %p the form that Nest gives it', (path, expected) => expect(normalizePath(path)).toBe(expected));
});

describe('PathTable', () => {
  function tableOf(...paths: string[]): PathTable<string> {
    const table = new PathTable<string>();
    for (const path of paths) table.add(path, path);
    return table;
  }

  it.each([
    ['/rooms/lobby', '/rooms/lobby'],
    ['/rooms/lobby/', '/rooms/lobby'],
    ['/rooms/l%6Fbby', '/rooms/lobby'],
    ['/rooms/7', '/rooms/:id'],
    ['/rooms/7/8', '/rooms/*rest'],
    ['/', '*'],
    ['/elsewhere', '*'],
  ])('serves %s with what says most exactly what it stands for: %s', (pathname, path) => {
    expect(tableOf('*', '/rooms/*rest', '/rooms/:id', '/rooms/lobby').match(pathname)?.value).toBe(path);
  });

  it('gives the parameters', () => {
    expect(tableOf('/rooms/:id').match('/rooms/7')).toEqual({ value: '/rooms/:id', params: { id: '7' } });
    expect(tableOf('/rooms').match('/rooms')).toEqual({ value: '/rooms', params: {} });
  });

  it('has nothing at other paths, and none that is broken', () => {
    expect(tableOf('/rooms').match('/room')).toBeUndefined();
    expect(tableOf('*').match('/%')).toBeUndefined();
    expect(tableOf('*').match('rooms')).toBeUndefined();
    expect(new PathTable<string>().match('/')).toBeUndefined();
  });

  it('replaces what is at a path', () => {
    const table = tableOf('/rooms', '/a/:b');
    table.add('/rooms/', 'new');
    table.add('/a/:b', 'newer');
    expect([
      table.match('/rooms')?.value,
      table.match('/room%73')?.value,
      table.match('/a/1')?.value,
    ]).toEqual(['new', 'new', 'newer']);
  });
});
