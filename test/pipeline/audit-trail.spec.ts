import type { AuditRecord, AuditSink } from '../../lib/pipeline/stages/logging/log-sink.js';
import type { MessageOutcome } from '../../lib/pipeline/inbound-message.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { deferred } from '../support/engine-fixture.js';
import { LogBench } from '../support/log-bench.js';

const value: MessageOutcome = { kind: 'value', value: 1 };
const error = (code: string): MessageOutcome => ({ kind: 'error', error: new GatewireError(code, '') });

describe('an audit trail', () => {
  it('gets every record, also unsampled ones and with all levels off, with its time', () => {
    const records: AuditRecord[] = [];
    const bench = new LogBench({ sample: 0, audit: { write: (record) => void records.push(record) } });
    bench.levels = [];
    bench.ends(value);
    bench.ends(error('NOT_FOUND'));
    expect(bench.records).toEqual([]);
    expect(records).toMatchObject([{ outcome: 'value' }, { outcome: 'error', code: 'NOT_FOUND' }]);
    expect(Math.abs((records[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('is written one record after the other, in order; what fails is counted, and the next goes on', async () => {
    const written: (string | undefined)[] = [];
    const first = deferred();
    const sink: AuditSink = {
      write: (record) => {
        const { event } = record as { event?: string };
        written.push(event);
        if (event === 'a') return first.promise;
        if (event === 'b') return Promise.reject(new Error('disk full'));
        if (event === 'c') throw new Error('disk full');
        return undefined;
      },
    };
    const bench = new LogBench({ audit: sink });
    for (const event of ['a', 'b', 'c', 'd', 'e']) bench.ends(value, event);
    expect(written).toEqual(['a']);
    first.resolve();
    await bench.closing[0]?.();
    expect(written).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(bench.counts).toEqual({ 'message-log.audit-failed': 2 });
    expect(bench.lines).toEqual([new Error('disk full')]);
    bench.ends(value, 'f');
    expect(written.at(-1)).toBe('f');
    await bench.closing[0]?.();
  });

  it('that lags keeps as many records as it may, exactly, and counts those it loses', async () => {
    const gate = deferred();
    const written: unknown[] = [];
    const audit: AuditSink = {
      write: (record) => {
        written.push(record);
        return gate.promise;
      },
    };
    const bench = new LogBench({ audit, auditRecords: 3 });
    for (let i = 0; i < 5; i++) bench.ends(value);
    expect(bench.counts).toEqual({ 'message-log.audit-lost': 1 });
    expect(bench.lines).toEqual(['the audit sink is 3 records behind: further ones are lost']);
    gate.resolve();
    await bench.closing[0]?.();
    expect(written).toHaveLength(4);
  });

  it('that hangs does not hold up a shutdown for longer than it may', async () => {
    const bench = new LogBench({ audit: { write: () => new Promise(() => undefined) }, auditFlushMs: 2_000 });
    bench.ends(value);
    bench.ends(value);
    let isOver = false;
    const closing = Promise.resolve(bench.closing[0]?.()).then(() => (isOver = true));
    bench.clock.advance(1_999);
    await Promise.resolve();
    expect(isOver).toBe(false);
    bench.clock.advance(1);
    await closing;
    expect(bench.counts).toEqual({ 'message-log.audit-lost': 2 });
    expect(bench.lines).toEqual([
      'shutdown goes on without 2 audit records that were not written within 2000 ms',
    ]);
    expect(bench.clock.timers).toBe(0);
  });
});
