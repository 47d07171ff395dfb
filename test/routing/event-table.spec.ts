import { EventTable } from '../../lib/routing/event-table.js';

function tableOf(...patterns: string[]): EventTable<string> {
  const table = new EventTable<string>();
  for (const pattern of patterns) table.add(pattern, pattern);
  return table;
}

describe('EventTable', () => {
  it('finds handlers by name, in the order they were added', () => {
    const table = new EventTable<number>();
    table.add('say', 1);
    table.add('say', 2);
    expect(table.lookup('say')).toEqual([1, 2]);
    expect(table.lookup('sing')).toBeUndefined();
  });

  it('finds handlers by pattern, in the order they were added', () => {
    const table = new EventTable<number>();
    table.add('order.*', 1);
    table.add('order.*', 2);
    expect(table.lookup('order.paid')).toEqual([1, 2]);
    expect(table.lookup('order')).toBeUndefined();
  });

  it.each([
    ['order.paid', ['order.paid']],
    ['order.sent', ['order.*']],
    ['order.sent.late', ['order.**']],
    ['stock.sent', ['*.sent']],
    ['stock.paid.late', ['*']],
    ['say', ['*']],
  ])('asks only the most specific for %s', (event, handlers) => {
    expect(tableOf('*', 'order.**', '*.sent', 'order.*', 'order.paid').lookup(event)).toEqual(handlers);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('has nothing for %p unless it was added', (event) => {
    expect(tableOf('say', 'order.*').lookup(event)).toBeUndefined();
  });

  it('never lets a pattern stand for the protocol', () => {
    const table = tableOf('*', '**');
    table.addReserved('$subscribe', 'ours');
    expect(table.lookup('$subscribe')).toEqual(['ours']);
    expect(table.lookup('$hello')).toBeUndefined();
    expect(table.lookup('$order.paid')).toBeUndefined();
  });

  it('refuses names of the protocol where it serves them, and nowhere else', () => {
    const table = tableOf('$mine');
    expect(table.lookup('$mine')).toEqual(['$mine']);
    table.addReserved('$subscribe', 'ours');
    expect(() => table.add('$mine', 'another')).toThrow('"$mine"');
  });

  it('takes a star that is no whole segment literally', () => {
    expect(tableOf('a*b').lookup('a*b')).toEqual(['a*b']);
    expect(tableOf('a*b').lookup('acb')).toBeUndefined();
  });

  it('sees what is added after a lookup', () => {
    const table = tableOf('order.**');
    expect(table.lookup('order.paid')).toEqual(['order.**']);
    table.add('order.*', 'order.*');
    expect(table.lookup('order.paid')).toEqual(['order.*']);
    table.add('order.paid', 'order.paid');
    expect(table.lookup('order.paid')).toEqual(['order.paid']);
  });

  it('stays right when a peer makes up more names than it remembers', () => {
    const table = tableOf('order.*');
    for (let at = 0; at < 100_000; at++) {
      if (table.lookup(`${'made.up.'.repeat(10)}${at}`) !== undefined)
        throw new Error('found what nobody added');
    }
    expect(table.lookup('order.1')).toEqual(['order.*']);
    expect(table.lookup('order.1')).toEqual(['order.*']);
  });
});
