import type {
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  Retention,
} from '../../lib/store/message-log.js';

/** A log, by the calls of its contract. */
export interface LogCalls {
  append(
    body: LoggedMessage['body'],
    retention?: Partial<Retention>,
    options?: { log?: string; key?: string },
  ): Promise<LogPosition>;
  read(query?: Partial<LogQuery>, log?: string): Promise<LogPage>;
  offsets(query?: Partial<LogQuery>, log?: string): Promise<number[]>;
}

/** What is read of five messages whose bodies have 1 to 5 bytes. */
const queries: readonly [Partial<LogQuery>, number[]][] = [
  [{}, [1, 2, 3, 4, 5]],
  [{ after: 2 }, [3, 4, 5]],
  [{ after: 5 }, []],
  [{ after: 9 }, []],
  [{ before: 3 }, [1, 2]],
  [{ before: 1 }, []],
  [{ after: 1, before: 4 }, [2, 3]],
  [{ after: 3, before: 4 }, []],
  [{ after: 4, before: 2 }, []],
  [{ limit: 2 }, [1, 2]],
  [{ limit: 0 }, []],
  [{ after: 2, limit: 1 }, [3]],
  [{ order: 'newest' }, [5, 4, 3, 2, 1]],
  [{ order: 'newest', limit: 2 }, [5, 4]],
  [{ order: 'newest', before: 4, limit: 2 }, [3, 2]],
  [{ order: 'newest', after: 2, before: 5 }, [4, 3]],
  [{ order: 'newest', after: 9 }, []],
  [{ maxBytes: 6 }, [1, 2, 3]],
  [{ maxBytes: 5 }, [1, 2]],
  [{ maxBytes: 0 }, [1]],
  [{ maxBytes: 0, limit: 0 }, []],
  [{ order: 'newest', maxBytes: 9 }, [5, 4]],
  [{ order: 'newest', maxBytes: 8 }, [5]],
  [{ order: 'newest', maxBytes: 1 }, [5]],
  [{ after: 1, maxBytes: 1 }, [2]],
];

/** What every driver reads. */
export function readsContract({ append, read, offsets }: LogCalls): void {
  beforeEach(() => Promise.all(['1', '22', '333', '4444', '55555'].map((text) => append(text))));

  it('what is asked for: after and before an offset, either way, bounded by messages and bytes', async () => {
    for (const [query, expected] of queries) {
      const page = await read(query);
      expect([query, page.entries.map(({ offset }) => offset)]).toEqual([query, expected]);
      expect(page).toMatchObject({ offset: 5, isWhole: true });
    }
  });

  it('counts bytes of keys, and bodies of bytes, against maxBytes', async () => {
    await append('x', {}, { log: 'b', key: 'keykey' });
    await append(Uint8Array.of(1, 2, 3), {}, { log: 'b' });
    await append('ü', {}, { log: 'b' });
    const pages = await Promise.all([6, 9, 10, 11, 12].map((maxBytes) => offsets({ maxBytes }, 'b')));
    expect(pages.map(({ length }) => length)).toEqual([1, 1, 2, 2, 3]);
  });

  it('page by page, either way, while more is appended', async () => {
    const forth: number[] = [];
    for (let after = 0; ; after = forth.at(-1) ?? 0) {
      const page = await offsets({ after, limit: 2 });
      if (page.length === 0) break;
      forth.push(...page);
      if (forth.length < 8) await append('more');
    }
    expect(forth).toEqual(forth.map((_, i) => i + 1));
    const back: number[] = [];
    for (let before = Infinity; ; before = back.at(-1) ?? 0) {
      const page = await offsets({ order: 'newest', before, limit: 3 });
      if (page.length === 0) break;
      back.push(...page);
    }
    expect(back).toEqual(forth.toReversed());
  });
}
