import { MemoryMessageLog } from '../../lib/store/memory/memory-message-log.js';
import type { Retention } from '../../lib/store/message-log.js';
import { messageLogContract } from '../contract/message-log.contract.js';

messageLogContract({
  name: 'memory',
  create: () => {
    let now = 1_700_000_000_000;
    return Promise.resolve({
      log: new MemoryMessageLog({ now: () => now }),
      pass: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    });
  },
});

describe('MemoryMessageLog', () => {
  const all: Retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
  const everything = { limit: Infinity, maxBytes: Infinity };
  const gauges = ({ logs, messages, bytes }: MemoryMessageLog) => ({ logs, messages, bytes });

  it('answers at once, and tells what it keeps', () => {
    const log = new MemoryMessageLog();
    const first = log.append('a', { body: 'über', key: 'k' }, all);
    expect(log.read('a', everything)).toMatchObject({ ...first, entries: [{ body: 'über', key: 'k' }] });
    log.append('b', { body: Uint8Array.of(1, 2) }, all);
    expect(gauges(log)).toEqual({ logs: 2, messages: 2, bytes: 8 });
    log.append('a', { body: 'x' }, { ...all, count: 1 });
    expect(gauges(log)).toEqual({ logs: 2, messages: 2, bytes: 3 });
    log.remove('b');
    expect(gauges(log)).toEqual({ logs: 1, messages: 1, bytes: 1 });
    log.close();
    expect(gauges(log)).toEqual({ logs: 0, messages: 0, bytes: 0 });
    expect(log.append('a', { body: '' }, all).epoch).not.toBe(first.epoch);
  });

  it('makes no log of what is only read', () => {
    const log = new MemoryMessageLog({ logs: 1 });
    log.append('kept', { body: 'x' }, all);
    for (let i = 0; i < 100; i++) log.read(`read ${i}`, everything);
    expect(log.logs).toBe(1);
    expect(log.read('kept', everything).entries).toHaveLength(1);
  });

  it('forgets the log that was appended to longest ago for one more than it may keep, however often that is read', () => {
    const log = new MemoryMessageLog({ logs: 3 });
    const epochs = ['a', 'b', 'c'].map((name) => log.append(name, { body: 'x' }, all).epoch);
    log.append('a', { body: 'x' }, all);
    log.read('b', everything);
    expect(log.logs).toBe(3);
    log.append('d', { body: 'x' }, all);
    expect(gauges(log)).toEqual({ logs: 3, messages: 4, bytes: 4 });
    expect(log.read('a', everything)).toMatchObject({ epoch: epochs[0], offset: 2 });
    const forgotten = log.read('b', everything);
    expect(forgotten).toMatchObject({ offset: 0, entries: [] });
    expect(epochs).not.toContain(forgotten.epoch);
    expect(log.append('b', { body: 'x' }, all)).toEqual({ epoch: forgotten.epoch, offset: 1 });
  });

  it('lets go of what is too old in logs that nobody uses, as others are used', () => {
    let now = 0;
    const log = new MemoryMessageLog({ now: () => now });
    for (let i = 0; i < 100; i++) log.append(`idle ${i}`, { body: 'x' }, { ...all, ageMs: 1_000 });
    now = 1_001;
    for (let i = 0; i < 250; i++) log.append('busy', { body: 'x' }, { ...all, count: 1 });
    expect(gauges(log)).toEqual({ logs: 101, messages: 1, bytes: 1 });
  });

  it('keeps its order of ages when the clock of the machine is set back', () => {
    let now = 5_000;
    const log = new MemoryMessageLog({ now: () => now });
    log.append('a', { body: '1' }, { ...all, ageMs: 1_000 });
    now = 1_000;
    log.append('a', { body: '2' }, { ...all, ageMs: 1_000 });
    expect(log.read('a', everything).entries.map(({ at }) => at)).toEqual([5_000, 5_000]);
    now = 6_001;
    expect(log.read('a', everything)).toMatchObject({ isWhole: false, entries: [] });
  });

  // Moving up a hundred thousand for each would take thousands of times as long.
  it('costs an append as much with a hundred thousand messages as with ten', () => {
    const timed = (count: number): number => {
      const log = new MemoryMessageLog();
      for (let i = 0; i < count; i++) log.append('a', { body: 'x' }, { ...all, count });
      const startedAt = performance.now();
      for (let i = 0; i < 50_000; i++) {
        log.append('a', { body: 'x', key: `${i % 7}` }, { ...all, count });
        if (i % 10 === 0) log.read('a', { after: log.messages, limit: 1, maxBytes: 1 });
      }
      return performance.now() - startedAt;
    };
    timed(10);
    expect(timed(100_000) / timed(10)).toBeLessThan(30);
  });

  it.each([0, 1.5, NaN])('refuses %p logs', (logs) => {
    expect(() => new MemoryMessageLog({ logs })).toThrow('logs');
  });
});
