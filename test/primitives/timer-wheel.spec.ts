import { TimerWheel } from '../../lib/primitives/timer-wheel.js';
import { FakeClock } from '../support/fake-clock.js';

describe('a timer wheel', () => {
  let clock: FakeClock;
  let wheel: TimerWheel;
  let called: string[];
  const add = (name: string, delayMs: number) => wheel.add(delayMs, () => called.push(name));

  beforeEach(() => {
    clock = new FakeClock();
    wheel = new TimerWheel(clock);
    called = [];
  });

  it('calls back in time, never early and less than a tick late', () => {
    add('a', 1_000);
    add('b', 1_001);
    clock.advance(999);
    expect(called).toEqual([]);
    clock.advance(1);
    expect(called).toEqual(['a']);
    clock.advance(999);
    expect(called).toEqual(['a']);
    clock.advance(1);
    expect(called).toEqual(['a', 'b']);
  });

  it('holds one timer of the clock for any number of entries, and none for none', () => {
    const entries = Array.from({ length: 1_000 }, (_, index) => add(`${index}`, 1_000 + index * 10));
    expect(clock.timers).toBe(1);
    for (const entry of entries.slice(1)) wheel.remove(entry);
    expect(clock.timers).toBe(1);
    clock.advance(1_000);
    expect(called).toEqual(['0']);
    expect(clock.timers).toBe(0);
    add('later', 0);
    expect(clock.timers).toBe(1);
    clock.advance(1_000);
    expect(called).toEqual(['0', 'later']);
  });

  it('forgets what is taken out, also by another entry of the same tick', () => {
    const second = { entry: add('never', 5_000) };
    wheel.remove(second.entry);
    wheel.remove(second.entry);
    wheel.add(1_000, () => wheel.remove(second.entry));
    second.entry = add('never', 1_000);
    clock.advance(10_000);
    expect(called).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('takes entries of its own callbacks, and what is due at once at the next tick', () => {
    wheel.add(1_000, () => add('again', 0));
    clock.advance(1_000);
    expect(called).toEqual([]);
    clock.advance(1_000);
    expect(called).toEqual(['again']);
  });

  it('never calls what never comes', () => {
    wheel.remove(add('never', Infinity));
    expect(clock.timers).toBe(0);
  });

  it('calls back in order what was due while the machine slept', () => {
    let now = 0;
    const sleepy = new FakeClock();
    let turn: () => void = () => undefined;
    const slept = new TimerWheel({
      now: () => now,
      setTimeout: sleepy.setTimeout.bind(sleepy),
      clearTimeout: () => undefined,
      setInterval: (callback) => (turn = callback),
      clearInterval: () => undefined,
    });
    slept.add(86_400_000, () => called.push('day'));
    slept.add(3_600_000, () => called.push('hour'));
    slept.add(200_000_000, () => called.push('later'));
    now = 100_000_000;
    turn();
    expect(called).toEqual(['hour', 'day']);
  });
});
