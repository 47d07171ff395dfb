/**
 * The orders, and where outcomes and emits are written beside them, as docs/transactions.md has it. The key of an order is not unique, and
 * nobody looks whether it is there already: a message that were handled twice would make two rows.
 */
export const tables = [
  `CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    buyer TEXT NOT NULL,
    drink TEXT NOT NULL,
    cups INTEGER NOT NULL,
    at INTEGER NOT NULL
  )`,
  `CREATE INDEX IF NOT EXISTS orders_buyer ON orders (buyer)`,
  `CREATE TABLE IF NOT EXISTS gatewire_outcomes (
    message_key TEXT PRIMARY KEY NOT NULL,
    record TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
  )`,
  `CREATE INDEX IF NOT EXISTS gatewire_outcomes_recorded_at ON gatewire_outcomes (recorded_at)`,
  `CREATE TABLE IF NOT EXISTS gatewire_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    lease_owner TEXT NOT NULL,
    lease_until INTEGER NOT NULL
  )`,
];
