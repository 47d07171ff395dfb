/** Loads the drivers on Redis where no client is installed, and hands them one that is none, and one that refuses. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const doors = { import: await import('gatewire/redis'), require: require('gatewire/redis') };
const retention = { count: 10, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
const nameOf = (error) => [error.name, error.fault ?? error.option];
const report = {};
for (const [system, door] of Object.entries(doors)) {
  const names = Object.keys(door).filter((name) => name !== '__esModule' && name !== 'module.exports');
  const refusing = { callBuffer: () => Promise.reject(new Error('OOM command not allowed')) };
  const log = new door.RedisMessageLog({ client: refusing });
  const failure = await log.append('a', { body: 'x' }, retention).catch(nameOf);
  let option;
  try {
    new door.RedisMessageLog({ client: {} });
  } catch (error) {
    option = nameOf(error);
  }
  report[system] = { names: names.sort(), failure, option };
}
console.log(JSON.stringify(report));
