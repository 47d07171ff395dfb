import type { AuditRecord, AuditSink } from 'gatewire';
import { Subject } from 'rxjs';
import type { AuditEntry } from '../orders/trading-events.js';

const entriesPerUser = 50;

/** What became of everybody's orders. In memory, and bounded; a real application writes it where nobody can change it. */
export class AuditTrail implements AuditSink {
  readonly entries = new Subject<{ readonly userId: string; readonly entry: AuditEntry }>();
  /** As many as there are accounts. */
  readonly #byUser = new Map<string, AuditEntry[]>();

  of(userId: string | undefined): readonly AuditEntry[] {
    return userId === undefined ? [] : (this.#byUser.get(userId) ?? []);
  }

  /** Called by the message log. It watches orders alone, so what is shown to the user is not recorded in its turn. */
  write(record: AuditRecord): void {
    if (record.type !== 'inbound' || record.userId === undefined) return;
    const { at, event = '', durationMs, outcome, code } = record;
    this.add(record.userId, {
      at,
      event,
      outcome: outcome === 'value' ? 'accepted' : (code ?? outcome),
      ...(durationMs !== undefined && { durationMs }),
    });
  }

  add(userId: string, entry: AuditEntry): void {
    const entries = this.#byUser.get(userId) ?? [];
    entries.push(entry);
    if (entries.length > entriesPerUser) entries.shift();
    this.#byUser.set(userId, entries);
    this.entries.next({ userId, entry });
  }
}
