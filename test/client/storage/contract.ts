import type { ClientStorage } from '../../../lib/client/storage.js';

/** Opens the same storage again and again: each time it holds what it held before. */
export type OpenStorage = () => ClientStorage;

/** One thing that every driver does. Throws where it does not. Runs in Node and in pages: it knows nothing of Jest. */
export interface ContractCase {
  readonly name: string;
  run(open: OpenStorage): Promise<void>;
}

type Changes = Record<string, unknown>;

function changes(entries: Changes): Map<string, unknown> {
  return new Map(Object.entries(entries));
}

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [print(actual), print(expected)];
  if (is !== should) throw new Error(`is ${is}\nbut should be ${should}`);
}

/** Text that two values share when they are equal, bytes and lone surrogates included. */
export function print(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${value.join(' ')})`;
  if (Array.isArray(value)) return `[${value.map(print).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${print(item)}`).join()}}`;
}

async function rejects(promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then(
    () => 'resolved',
    () => 'rejected',
  );
  same(outcome, 'rejected');
}

async function keysOf(storage: ClientStorage, prefix: string): Promise<string[]> {
  return (await storage.load(prefix)).map(([key]) => key);
}

/** Keys that break what is sloppy about prefixes, order, separators or characters. */
const hostileKeys = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'length',
  'a',
  'a\0',
  'a\tb\n"c"\\',
  'a/',
  'a/b',
  'b',
  'ä',
  '\ud800',
  '\udfff',
  '😀',
  '\uffff',
  '\uffff\uffff',
  'k'.repeat(10_000),
];

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Values that come back as they were. */
const values: readonly unknown[] = [
  null,
  false,
  0,
  -1.5e-300,
  Number.MAX_SAFE_INTEGER,
  '',
  'ä 😀 \0 \u2028 "quoted" \\ \n\t',
  '\ud800',
  [],
  {},
  [[], [null, {}]],
  { a: { b: [1, { c: 'd' }] } },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  everyByte,
  new Uint8Array(0),
  // A part of a longer buffer.
  everyByte.subarray(100, 110),
  new Uint8Array(70_000).fill(7),
  { envelope: { event: 'e', id: 1 }, payload: everyByte },
  // What looks like a driver's own way to write bytes.
  { $bytes: 'AAEC' },
  { $$bytes: { $bytes: everyByte } },
  { $bytes: 1, other: 2 },
];

export const storageContract: readonly ContractCase[] = [
  {
    name: 'is empty at first',
    run: async (open) => {
      const storage = open();
      same(await storage.load(''), []);
      await storage.close();
    },
  },
  {
    name: 'gives what was saved, in the order of the keys',
    run: async (open) => {
      const storage = open();
      await storage.save(changes({ b: 2, a: 1, '10': 10, '9': 9 }));
      await storage.save(changes({ ab: 12 }));
      same(await storage.load(''), [
        ['10', 10],
        ['9', 9],
        ['a', 1],
        ['ab', 12],
        ['b', 2],
      ]);
      await storage.close();
    },
  },
  {
    name: 'gives what begins with a prefix, and nothing else',
    run: async (open) => {
      const storage = open();
      await storage.save(
        changes({ out: 0, 'out/': 1, 'out/1': 2, 'out/2': 3, out0: 4, 'o/1': 5, session: 6 }),
      );
      same(await keysOf(storage, 'out/'), ['out/', 'out/1', 'out/2']);
      same(await keysOf(storage, 'out/1'), ['out/1']);
      same(await keysOf(storage, 'out/3'), []);
      same(await keysOf(storage, 'sess'), ['session']);
      await storage.close();
    },
  },
  {
    name: 'replaces and deletes',
    run: async (open) => {
      const storage = open();
      await storage.save(changes({ a: 1, b: 1, c: 1 }));
      await storage.save(changes({ a: 2, b: undefined, never: undefined }));
      same(await storage.load(''), [
        ['a', 2],
        ['c', 1],
      ]);
      await storage.save(changes({ a: undefined, c: undefined }));
      same(await storage.load(''), []);
      await storage.save(new Map());
      await storage.close();
    },
  },
  {
    name: 'takes calls in their order, also when nobody waits between them',
    run: async (open) => {
      const storage = open();
      const saves = [storage.save(changes({ a: 0, gone: 0 }))];
      const early = storage.load('');
      for (let count = 1; count <= 50; count++)
        saves.push(storage.save(changes({ a: count, [`n${count}`]: 1 })));
      saves.push(storage.save(changes({ gone: undefined })));
      const late = storage.load('');
      saves.push(storage.save(changes({ a: 'last' })));
      await Promise.all(saves);
      same(await early, [
        ['a', 0],
        ['gone', 0],
      ]);
      same((await late).length, 51);
      same((await late)[0], ['a', 50]);
      same((await storage.load('a'))[0], ['a', 'last']);
      await storage.close();
    },
  },
  {
    name: 'does all of a save or nothing',
    run: async (open) => {
      const storage = open();
      await storage.save(changes({ kept: 1, replaced: 1, deleted: 1 }));
      // What cannot be stored stands in the middle, at the beginning and at the end.
      const broken = { broken: (): void => undefined, toJSON: () => refuse() };
      await rejects(storage.save(changes({ a: 1, replaced: 2, broken, deleted: undefined, z: 1 })));
      await rejects(storage.save(changes({ broken, replaced: 2 })));
      await rejects(storage.save(changes({ deleted: undefined, broken })));
      same(await keysOf(storage, ''), ['deleted', 'kept', 'replaced']);
      same((await storage.load('replaced'))[0], ['replaced', 1]);
      // It goes on after that.
      await storage.save(changes({ replaced: 3 }));
      await storage.close();
      const again = open();
      same((await again.load('replaced'))[0], ['replaced', 3]);
      same((await again.load('')).length, 3);
      await again.close();
    },
  },
  {
    name: 'keeps values as they are, bytes as bytes',
    run: async (open) => {
      const storage = open();
      const entries = values.map((value, index) => [String(index).padStart(3, '0'), value] as const);
      await storage.save(new Map(entries));
      same(await storage.load(''), entries);
      await storage.close();
      const again = open();
      const loaded = await again.load('');
      same(loaded, entries);
      same(Object.getPrototypeOf(loaded[13]?.[1]) === Uint8Array.prototype, true);
      same(({} as Changes)['polluted'], undefined);
      await again.close();
    },
  },
  {
    name: 'gives values that are nobody else’s',
    run: async (open) => {
      const storage = open();
      const value = { list: [1] };
      await storage.save(new Map([['a', value]]));
      value.list.push(2);
      const [first] = await storage.load('a');
      (first?.[1] as typeof value).list.push(3);
      same(await storage.load('a'), [['a', { list: [1] }]]);
      await storage.close();
    },
  },
  {
    name: 'takes any string as a key',
    run: async (open) => {
      const storage = open();
      await storage.save(new Map(hostileKeys.map((key, index) => [key, index])));
      const sorted = [...hostileKeys].sort();
      same(await keysOf(storage, ''), sorted);
      for (const prefix of hostileKeys) {
        same(
          await keysOf(storage, prefix),
          sorted.filter((key) => key.startsWith(prefix)),
        );
      }
      await storage.close();
      const again = open();
      same(await keysOf(again, ''), sorted);
      await again.save(new Map(hostileKeys.map((key) => [key, undefined])));
      same(await again.load(''), []);
      await again.close();
    },
  },
  {
    name: 'has after being opened again what it had, deletes included',
    run: async (open) => {
      for (let life = 0; life < 3; life++) {
        const storage = open();
        same(await keysOf(storage, ''), life === 0 ? [] : [`life ${life - 1}`]);
        await storage.save(changes({ [`life ${life}`]: { life }, [`life ${life - 1}`]: undefined }));
        await storage.close();
      }
    },
  },
  {
    name: 'finishes on close what it was asked for, and refuses what comes later',
    run: async (open) => {
      const storage = open();
      const saved = storage.save(changes({ a: 1 }));
      const closed = storage.close();
      await Promise.all([saved, closed, storage.close()]);
      await rejects(storage.save(changes({ b: 1 })));
      await rejects(storage.load(''));
      const again = open();
      same(await again.load(''), [['a', 1]]);
      await again.close();
    },
  },
];

function refuse(): never {
  throw new Error('this value cannot be stored');
}
