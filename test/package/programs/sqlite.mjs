/** Writes to one file by each store of each build, and asks for a driver that is not installed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const doors = { import: await import('gatewire/sqlite'), require: require('gatewire/sqlite') };
const retention = { count: 10, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
const file = join(import.meta.dirname, 'log.db');
const report = {};
for (const [system, door] of Object.entries(doors)) {
  const names = Object.keys(door).filter((name) => name !== '__esModule' && name !== 'module.exports');
  const log = new door.SqliteMessageLog({ file });
  const { offset } = await log.append('a', { body: 'x' }, retention);
  await log.close();
  const without = new door.SqliteMessageLog({ file, driver: 'better-sqlite3' });
  const error = await without.ready().then(
    () => 'none',
    ({ name }) => name,
  );
  const sessions = new door.SqliteSessionStore({ file: join(import.meta.dirname, 'sessions.db') });
  const adopted = await sessions.adopt(`node/${system}`);
  const begin = { id: system, tokenHash: 'h', endpoint: '/', encoding: 'json', url: '/', remembers: 1 };
  await sessions.write(system, `node/${system}`, { begin });
  await sessions.close();
  report[system] = { names: names.sort(), offset, error, adopted: adopted.length };
}
console.log(JSON.stringify(report));
