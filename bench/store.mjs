#!/usr/bin/env node
// node bench/store.mjs [--seconds 2 --rounds 3 --outstanding 1000 --size 200]                      (README.md)
// Messages per second that are on the disk: SqliteMessageLog, and beside it inserts by hand, by the same driver, into a table
// with the same key, in transactions as large as those that the store has made. They take turns, and the ratio is taken
// within a round.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { SqliteMessageLog } from '../dist/esm/store/sqlite/index.js';
import { openSqlite } from '../dist/esm/store/sqlite/sqlite-driver.js';
import { median } from './lib/statistics.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    outstanding: { type: 'string', default: '1000' },
    size: { type: 'string', default: '200' },
    kept: { type: 'string', default: 'Infinity' },
  },
});
const [seconds, rounds, outstanding, size, kept] = ['seconds', 'rounds', 'outstanding', 'size', 'kept'].map(
  (name) => Number(values[name]),
);
const logs = 16;
const body = JSON.stringify({ event: 'message', data: 'x'.repeat(size) });
const retention = { count: kept, bytes: Infinity, ageMs: Infinity, latestPerKey: false };

for (const durability of ['full', 'normal']) {
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const store = await inFolder((file) => throughStore(file, durability));
    const raw = await inFolder((file) => byHand(file, durability, Math.round(store.perCommit)));
    ratios.push(store.perSecond / raw);
    console.log(
      `${durability}: ${Math.round(store.perSecond)} messages/s, ${store.perCommit.toFixed(0)} per commit; by hand ${Math.round(raw)}/s`,
    );
  }
  console.log(`${durability}: ${median(ratios).toFixed(2)} of inserts by hand (goal 0.7)`);
}

async function throughStore(file, durability) {
  const store = new SqliteMessageLog({ file, durability });
  await store.ready();
  const commits = () => Number(readFileSync(`${file}-mark`, 'latin1').trim().split(' ')[1] ?? 0);
  let confirmed = 0;
  let isOver = false;
  const loop = async (log) => {
    while (!isOver) {
      await store.append(log, { body }, retention);
      confirmed++;
    }
  };
  const before = commits();
  const startedAt = performance.now();
  const start = () => Array.from({ length: outstanding / 2 }, (_, i) => loop(`room.${i % logs}`));
  // In two halves: as where messages come by themselves, some come while others are committed.
  const loops = start();
  setTimeout(() => loops.push(...start()), 3);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const perSecond = (confirmed / (performance.now() - startedAt)) * 1_000;
  const perCommit = confirmed / (commits() - before);
  isOver = true;
  await Promise.all(loops);
  await store.close();
  return { perSecond, perCommit };
}

async function byHand(file, durability, perCommit) {
  const db = await openSqlite(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}`);
  db.exec(`CREATE TABLE messages (
    log INTEGER NOT NULL, place INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (log, place)
  ) WITHOUT ROWID`);
  const insert = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?)');
  let inserted = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1_000) {
    db.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < perCommit; i++) insert.run(i % logs, inserted + i, Date.now(), body);
    db.exec('COMMIT');
    inserted += perCommit;
  }
  const perSecond = (inserted / (performance.now() - startedAt)) * 1_000;
  db.close();
  return perSecond;
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewire-bench-'));
  try {
    return await work(join(folder, 'log.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
