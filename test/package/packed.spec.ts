import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackedApp } from './packed-app.js';

jest.setTimeout(90_000);

describe('the packed package, installed in an app', () => {
  let app: PackedApp;

  beforeAll(() => {
    app = new PackedApp();
  });

  afterAll(() => {
    app.remove();
  });

  it('holds what it needs and nothing of the workshop', () => {
    const folders = new Set(app.files.map((path) => path.split('/').slice(0, 2).join('/')));

    expect([...folders].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'PROTOCOL.md',
        'README.md',
        'dist/cjs',
        'dist/client',
        'dist/esm',
        'dist/schematics',
        'package.json',
      ].sort(),
    );
    expect(app.files.filter((path) => /\bspec\b|tsbuildinfo/.test(path))).toEqual([
      'dist/schematics/gateway/templates/spec.template.js',
    ]);
  });

  it('loads by import and by require without any optional peer, with the same names', () => {
    const names = app.run('names.mjs') as Record<string, { import: string[]; require: string[] }>;

    for (const entry of Object.values(names)) expect(entry.require).toEqual(entry.import);
    expect(names['gatewire']?.import).toEqual(
      expect.arrayContaining(['GatewireModule', 'GatewireAdapter', 'CloseCode']),
    );
    expect(names['gatewire/protocol']?.import).toEqual(
      expect.arrayContaining(['decodeEnvelope', 'encodeEnvelope']),
    );
  });

  it('has each binary codec behind an export of its own, by import and by require', () => {
    const decoded = { event: 'file', data: { bytes: 'dead' } };
    const each = { names: [['cbor'], ['msgpack']], decoded: [decoded, decoded] };

    expect(app.run('codecs.mjs')).toEqual({ import: each, require: each });
  });

  it('keeps logs and sessions in files, in threads that are found from either build, and says what to install without a driver', () => {
    const names = ['SqliteCounterStore', 'SqliteMessageLog', 'SqliteSessionStore', 'StoreError'];
    const each = { names, offset: 1, error: 'OptionError', adopted: 0 };

    expect(app.run('sqlite.mjs')).toEqual({ import: each, require: { ...each, offset: 2, adopted: 1 } });
  });

  it('has stores on a client of Redis that the application brings: none is needed to load them', () => {
    const names = ['RedisCounterStore', 'RedisMessageLog', 'RedisSessionStore', 'StoreError'];
    const each = { names, failure: ['StoreError', 'full'], option: ['OptionError', 'client'] };

    expect(app.run('redis.mjs')).toEqual({ import: each, require: each });
  });

  it('replays a recording, by import, by require and by its command', () => {
    const each = [false, ['changed say']];

    expect(app.run('replay.mjs')).toEqual({
      import: each,
      require: each,
      command: [1, 0, 2],
      shebang: '#!/usr/bin/env node',
    });
  });

  it('says what to install where a token is to be verified and jose is not there', () => {
    const error = { code: 'INTERNAL', message: 'jwt() needs the package "jose": npm install jose' };

    expect(app.run('jwt-without-jose.mjs')).toEqual({ import: error, require: error });
  });

  it.each(['consumer.mts', 'consumer.cts'])('types a program in either module system: %s', (program) => {
    expect(app.compile(program)).toBe('');
  });

  it('declares types that name no optional peer', () => {
    const declarations = app.files.filter((path) => path.endsWith('.d.ts'));
    const read = (path: string) => readFileSync(join(app.folder, 'node_modules/gatewire', path), 'utf8');

    expect(declarations.length).toBeGreaterThan(100);
    expect(
      declarations.filter((path) =>
        /['"](class-validator|class-transformer|msgpackr|cbor-x|jose|ioredis|redis)['"/]/.test(read(path)),
      ),
    ).toEqual([]);
  });

  it('works when the app and a library of gateways have loaded different builds', () => {
    const answers = [
      { id: 1, error: { code: 'CONFLICT', message: 'taken' } },
      { id: 2, data: null },
      { id: 3, error: expect.objectContaining({ code: 'FORBIDDEN' }) as unknown },
    ];

    expect(app.run('both-builds.mjs')).toEqual({
      separate: true,
      'ESM app, CommonJS library': answers,
      'CommonJS app, ESM library': answers,
    });
  });
});
