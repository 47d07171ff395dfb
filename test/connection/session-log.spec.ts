import { SessionLog } from '../../lib/connection/session-log.js';
import { fragmentFrames, opcodes, textFrame } from '../../lib/transport/frame.js';
import { textsOf } from '../support/memory-socket.js';

const frame = (text: string): Buffer => textFrame(text);
const frames = (...texts: string[]): Buffer => Buffer.concat(texts.map(frame));

function logOf({ messages = 1000, bytes = 1_000_000 } = {}): SessionLog {
  const log = new SessionLog({ messages, bytes });
  log.append(frame('welcome'), 1);
  return log;
}

const after = (log: SessionLog, number: number): string[] => textsOf(Buffer.concat(log.after(number)));

describe('SessionLog', () => {
  it('numbers what is written after the first message', () => {
    const log = new SessionLog({ messages: 10, bytes: 1000 });
    expect(log.last).toBe(0);
    log.append(frames('welcome', 'a', 'b'), 3);
    expect(log.last).toBe(2);
    log.append(frame('c'), 1);
    expect(after(log, 0)).toEqual(['a', 'b', 'c']);
    expect(after(log, 1)).toEqual(['b', 'c']);
    expect(after(log, 3)).toEqual([]);
  });

  it('gives what comes after any number, from the middle of an entry too', () => {
    const log = logOf();
    log.append(frames('1', '2', '3'), 3);
    log.appendParts(fragmentFrames(Buffer.from('four'), opcodes.text, 1));
    log.append(frames('5', 'x'.repeat(200), 'y'.repeat(70_000), '8'), 4);
    const all = ['1', '2', '3', 'four', '5', 'x'.repeat(200), 'y'.repeat(70_000), '8'];
    for (let number = 0; number <= 8; number++) {
      expect(log.has(number)).toBe(true);
      expect(after(log, number)).toEqual(all.slice(number));
    }
    expect(log.has(9)).toBe(false);
  });

  it('forgets what is acknowledged, and refuses what was never sent', () => {
    const log = logOf();
    log.append(frames('1', '2', '3'), 3);
    log.append(frames('4', '5'), 2);
    expect(log.ack(2)).toBe(true);
    expect([log.messages, log.bytes]).toEqual([3, 9]);
    expect([log.has(1), log.has(2)]).toEqual([false, true]);
    expect(after(log, 2)).toEqual(['3', '4', '5']);
    expect(after(log, 4)).toEqual(['5']);
    expect([log.ack(2), log.ack(1), log.ack(6)]).toEqual([true, true, false]);
    expect(log.ack(4)).toBe(true);
    expect(after(log, 4)).toEqual(['5']);
    expect(log.ack(5)).toBe(true);
    expect([log.messages, log.bytes, log.last]).toEqual([0, 0, 5]);
    expect(log.has(5)).toBe(true);
  });

  it('keeps the latest messages, at the limit and one past it', () => {
    const log = logOf({ messages: 4 });
    log.append(frames('1', '2', '3'), 3);
    log.append(frame('4'), 1);
    expect(log.has(0)).toBe(true);
    log.append(frame('5'), 1);
    expect([log.has(0), log.has(1)]).toEqual([false, true]);
    expect(after(log, 1)).toEqual(['2', '3', '4', '5']);
    log.append(frames('6', '7', '8', '9', '10', '11'), 6);
    expect(after(log, 7)).toEqual(['8', '9', '10', '11']);
    expect(log.messages).toBe(4);
  });

  it('keeps the latest bytes, at the limit and one past it', () => {
    const log = logOf({ bytes: 9 });
    log.append(frames('1', '2', '3'), 3);
    expect([log.bytes, log.has(0)]).toEqual([9, true]);
    log.append(frame('44'), 1);
    expect([log.bytes, log.has(1), log.has(2)]).toEqual([7, false, true]);
    expect(after(log, 2)).toEqual(['3', '44']);
    log.append(frame('longer than everything'), 1);
    expect([log.bytes, log.messages, log.last]).toEqual([0, 0, 5]);
    expect([log.has(4), log.has(5)]).toEqual([false, true]);
  });

  it('has a gap where messages were lost, and where they are only counted', () => {
    const log = logOf();
    log.append(frame('1'), 1);
    log.skip(2);
    expect([log.last, log.has(0), log.has(1), log.has(3)]).toEqual([3, false, false, true]);
    log.append(frame('4'), 1);
    expect(after(log, 3)).toEqual(['4']);
    log.keep(false);
    log.append(frame('5'), 1);
    expect([log.last, log.has(4), log.has(5)]).toEqual([5, false, true]);
    log.keep(true);
    log.append(frame('6'), 1);
    expect(after(log, 5)).toEqual(['6']);
  });

  it('stays small however much goes through it', () => {
    const log = logOf({ messages: 100 });
    for (let n = 1; n <= 10_000; n++) {
      log.append(frame(`${n}`), 1);
      if (n % 64 === 0) log.ack(n);
    }
    expect(after(log, 9_984)).toEqual(Array.from({ length: 16 }, (_, index) => `${9_985 + index}`));
  });
});
