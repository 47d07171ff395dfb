/** Prints how a token fails to be verified where jose is not installed, in both module systems. */
import './absent-optional-peers.mjs';

const { createRequire } = await import('node:module');
const require = createRequire(import.meta.url);
const report = {};
for (const [system, { jwt }] of Object.entries({
  import: await import('gatewire'),
  require: require('gatewire'),
})) {
  const strategy = jwt({ secret: 's'.repeat(32), algorithms: ['HS256'] });
  const { code, message } = await strategy.verifyToken('a.b.c', {}).catch((error) => error);
  report[system] = { code, message };
}
console.log(JSON.stringify(report));
