import { DedupWindow } from '../../lib/exchange/dedup-window.js';

class Entry {
  isRunning = true;
  wasForgotten = false;
  forgotten(): void {
    this.wasForgotten = true;
  }
}

const create = (maxKeys = 3, ttlMs = 100) => {
  const window = new DedupWindow<string | number, Entry>({ maxKeys, ttlMs });
  const run = (key: string | number, now: number): Entry => {
    const entry = new Entry();
    expect(window.add(key, entry, now)).toBe(true);
    return entry;
  };
  const finish = (key: string | number, entry: Entry, now: number): void => {
    entry.isRunning = false;
    window.done(key, now);
  };
  return { window, run, finish };
};

describe('DedupWindow', () => {
  it('knows what runs, however long that takes', () => {
    const { window, run } = create();
    const entry = run('a', 0);
    expect(window.get('a', 1e9)).toBe(entry);
    expect(window.get('b', 0)).toBeUndefined();
  });

  it('knows what is done for ttlMs from then on, and not a moment longer', () => {
    const { window, run, finish } = create();
    const entry = run('a', 0);
    finish('a', entry, 1_000);
    expect(window.get('a', 1_099)).toBe(entry);
    expect(window.get('a', 1_100)).toBeUndefined();
    expect(entry.wasForgotten).toBe(true);
    expect(window.size).toBe(0);
  });

  it('tells a number from the text that looks like it', () => {
    const { window, run } = create();
    run(1, 0);
    expect(window.get('1', 0)).toBeUndefined();
  });

  it('pushes out what has been done for longest, and never what runs', () => {
    const { window, run, finish } = create(3);
    const running = run('running', 0);
    const [late, early] = [run('late', 0), run('early', 0)];
    finish('early', early, 1);
    finish('late', late, 2);
    run('new', 3);
    expect([early.wasForgotten, late.wasForgotten, running.wasForgotten]).toEqual([true, false, false]);
    expect(window.size).toBe(3);
  });

  it('has no room where everything runs', () => {
    const { window, run, finish } = create(2);
    const first = run('a', 0);
    run('b', 0);
    expect(window.add('c', new Entry(), 0)).toBe(false);
    finish('a', first, 0);
    expect(window.add('c', new Entry(), 0)).toBe(true);
  });

  it('forgets a key on demand, and all of them', () => {
    const { window, run } = create();
    const [a, b] = [run('a', 0), run('b', 0)];
    window.delete('a');
    expect([window.get('a', 0), a.wasForgotten]).toEqual([undefined, true]);
    window.clear();
    expect([window.size, b.wasForgotten]).toEqual([0, true]);
  });
});
