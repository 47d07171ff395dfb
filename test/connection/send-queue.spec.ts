import { createConnectionCounters } from '../../lib/connection/connection-counters.js';
import { FlushScheduler } from '../../lib/connection/flush-scheduler.js';
import type { OutgoingFrame } from '../../lib/connection/outgoing-frame.js';
import { SendQueue } from '../../lib/connection/send-queue.js';
import type { SlowConsumerPolicy } from '../../lib/connection/slow-consumer.js';
import { fragmentFrames, opcodes, textFrame } from '../../lib/transport/frame.js';
import { MemorySocket } from '../support/memory-socket.js';

const endOfTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function frame(text: string, key: string | null = 'event', droppable = true): OutgoingFrame {
  return { bytes: textFrame(text), key, droppable };
}

/** A frame of exactly this many bytes on the wire; its text begins with `name`. */
function frameOf(bytes: number, name: string, key: string | null = 'event', droppable = true): OutgoingFrame {
  const header = bytes < 128 ? 2 : 4;
  return frame(name.padEnd(bytes - header, '.'), key, droppable);
}

function setUp(slowConsumer: SlowConsumerPolicy = 'disconnect', sendQueueBytes = 1000) {
  const socket = new MemorySocket();
  const counters = createConnectionCounters();
  const scheduler = new FlushScheduler();
  let slowCalls = 0;
  const queue = new SendQueue(
    socket,
    { sendQueueBytes, slowConsumer, scheduler, counters },
    { slowConsumer: () => void slowCalls++ },
  );
  return { socket, counters, scheduler, queue, slowCalls: () => slowCalls };
}

describe('SendQueue while the peer keeps up', () => {
  it('writes what a tick produces once, in order, whatever the kinds', async () => {
    const { socket, queue, counters } = setUp();
    queue.sendOutcome('reply 1');
    queue.sendOutcome('reply 2');
    queue.sendShared(frame('broadcast'));
    queue.sendOutcome('reply 3');
    queue.sendOwn(frame('emit'));
    expect(socket.written).toHaveLength(0);
    await endOfTick();
    expect(socket.written).toHaveLength(1);
    expect(socket.texts).toEqual(['reply 1', 'reply 2', 'broadcast', 'reply 3', 'emit']);
    expect(counters).toMatchObject({ framesSent: 5, writes: 1 });
  });

  it('joins the bytes of a broadcast sequence once for all who got the same', async () => {
    const scheduler = new FlushScheduler();
    const counters = createConnectionCounters();
    const settings = { sendQueueBytes: 1000, slowConsumer: 'disconnect' as const, scheduler, counters };
    const written: Uint8Array[] = [];
    const queues = [1, 2, 3].map(() => {
      const socket = new MemorySocket();
      socket.writeFrames = (bytes) => void written.push(bytes);
      return new SendQueue(socket, settings, { slowConsumer: () => undefined });
    });
    for (const shared of [frame('a'), frame('b')]) for (const queue of queues) queue.sendShared(shared);
    await endOfTick();
    expect(written).toHaveLength(3);
    expect(new Set(written).size).toBe(1);
  });

  it('keeps sequences apart that have parted ways', async () => {
    const { scheduler, counters } = setUp();
    const settings = { sendQueueBytes: 1000, slowConsumer: 'disconnect' as const, scheduler, counters };
    const sockets = [new MemorySocket(), new MemorySocket(), new MemorySocket()];
    const [first, second, third] = sockets.map(
      (socket) => new SendQueue(socket, settings, { slowConsumer: () => undefined }),
    );
    const [a, b, c] = [frame('a'), frame('b'), frame('c')];
    for (const queue of [first, second, third]) queue?.sendShared(a);
    first?.sendShared(b);
    second?.sendShared(c);
    third?.sendShared(b);
    second?.sendShared(b);
    first?.sendShared(c);
    await endOfTick();
    expect(sockets.map((socket) => socket.texts.join(''))).toEqual(['abc', 'acb', 'ab']);
  });

  it('tells the callback of a raw send when its bytes are written', async () => {
    const { queue } = setUp();
    const told = new Promise((resolve) => queue.sendOwn(frame('x'), resolve));
    await expect(told).resolves.toBeUndefined();
  });

  it('flushes early in a tick that produces a lot', () => {
    const { socket, queue, scheduler } = setUp('disconnect', 10_000_000);
    const big = frame('x'.repeat(600_000));
    for (let i = 0; i < 2; i++) {
      queue.sendShared(big);
      scheduler.broadcastDone(big.bytes.length);
    }
    expect(socket.written).toHaveLength(1);
  });
});

describe('SendQueue and its bound', () => {
  it('takes exactly sendQueueBytes, and closes at one byte more', () => {
    const { socket, queue, slowCalls } = setUp('disconnect', 1000);
    socket.takes = false;
    expect(queue.sendOwn(frameOf(600, 'a'))).toBe(true);
    expect(queue.sendOwn(frameOf(400, 'b'))).toBe(true);
    expect(slowCalls()).toBe(0);
    expect(queue.sendOwn(frameOf(3, 'c'))).toBe(false);
    expect(slowCalls()).toBe(1);
  });

  it('takes one message of any size when nothing waits', async () => {
    const { socket, queue, slowCalls } = setUp('disconnect', 100);
    expect(queue.sendOwn(frameOf(5000, 'long'))).toBe(true);
    await endOfTick();
    expect(socket.texts[0]).toMatch(/^long/);
    expect(slowCalls()).toBe(0);
  });

  it('drops the oldest emit for a new one under drop-oldest', () => {
    const { socket, queue, counters } = setUp('drop-oldest', 100_000);
    stall(socket, queue);
    for (const name of ['a', 'b', 'c', 'd']) expect(queue.sendOwn(frameOf(10_000, name))).toBe(true);
    socket.drain();
    expect(namesIn(socket)).toEqual(['b', 'c', 'd']);
    expect(counters.framesDropped).toBe(1);
  });

  it('drops the new emit under drop-newest', () => {
    const { socket, queue, counters } = setUp('drop-newest', 100_000);
    stall(socket, queue);
    expect(['a', 'b', 'c', 'd'].map((name) => queue.sendOwn(frameOf(10_000, name)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    socket.drain();
    expect(namesIn(socket)).toEqual(['a', 'b', 'c']);
    expect(counters.framesDropped).toBe(1);
  });

  it('keeps only the newest of each key under latest-only', () => {
    const { socket, queue, counters } = setUp('latest-only', 100_000);
    stall(socket, queue);
    queue.sendOwn(frameOf(1000, 'price1', 'price'));
    queue.sendOwn(frameOf(1000, 'volume1', 'volume'));
    queue.sendOwn(frameOf(1000, 'price2', 'price'));
    queue.flush();
    socket.drain();
    expect(namesIn(socket)).toEqual(['volume1', 'price2']);
    expect(counters.framesDropped).toBe(1);
  });

  it.each<SlowConsumerPolicy>(['drop-oldest', 'drop-newest', 'latest-only'])(
    'never drops an outcome under %s',
    (policy) => {
      const { socket, queue, slowCalls } = setUp(policy, 100_000);
      stall(socket, queue);
      queue.sendOutcome('outcome'.padEnd(20_000, '.'));
      for (let i = 0; i < 20; i++) queue.sendOwn(frameOf(9_000, `emit${i}`));
      expect(slowCalls()).toBe(0);
      socket.drain();
      expect(namesIn(socket)).toContain('outcome');
    },
  );

  it('closes the connection when nothing but outcomes is left to drop', () => {
    const { socket, queue, slowCalls } = setUp('drop-oldest', 100_000);
    stall(socket, queue);
    for (let i = 0; i < 3; i++) queue.sendOutcome('outcome'.padEnd(12_000, '.'));
    expect(slowCalls()).toBe(1);
  });

  it('sends volatile frames only when they can go at once', async () => {
    const { socket, queue, counters } = setUp();
    expect(queue.sendVolatile(frame('now'))).toBe(true);
    await endOfTick();
    socket.takes = false;
    socket.writeFrames(Buffer.alloc(10));
    expect(queue.sendVolatile(frame('later'))).toBe(false);
    expect(counters.framesDropped).toBe(1);
  });
});

describe('SendQueue and long messages', () => {
  it('keeps the parts of a message together, and what comes later behind them', () => {
    const { socket, queue } = setUp('disconnect', 1_000_000);
    const payload = Buffer.from('x'.repeat(200_000));
    queue.sendOwn(frame('before'));
    queue.sendParts(fragmentFrames(payload, opcodes.text, 50_000), null, true);
    queue.sendShared(frame('after'));
    queue.flush();
    socket.drain();
    expect(socket.texts.map((text) => text.length)).toEqual([6, 200_000, 5]);
  });

  it('never drops a message that has begun to leave', () => {
    const { socket, queue } = setUp('drop-oldest', 300_000);
    socket.takes = false;
    queue.sendParts(fragmentFrames(Buffer.from('l'.repeat(250_000)), opcodes.text, 40_000), null, true);
    // One drain: some parts leave, the rest waits for the next.
    socket.writeFrames(Buffer.alloc(0));
    queue.sendOwn(frameOf(40_000, 'new'));
    socket.drain();
    const texts = socket.texts;
    expect(texts.filter((text) => text.startsWith('l')).every((text) => text.length === 250_000)).toBe(true);
  });

  it('calls back when nothing waits any more', () => {
    const { socket, queue } = setUp('disconnect', 1_000_000);
    stall(socket, queue);
    queue.sendOwn(frameOf(10_000, 'x'));
    let isDrained = false;
    queue.whenDrained(() => (isDrained = true));
    expect(isDrained).toBe(false);
    socket.drain();
    expect(isDrained).toBe(true);
  });
});

/** Fills the socket beyond its high-water mark, so that the queue holds what follows. */
function stall(socket: MemorySocket, queue: SendQueue): void {
  socket.takes = false;
  queue.sendOwn(frameOf(65_600, 'stall'));
  queue.flush();
}

function namesIn(socket: MemorySocket): string[] {
  return socket.texts.map((text) => text.replace(/\.+$/, '')).filter((name) => name !== 'stall');
}
