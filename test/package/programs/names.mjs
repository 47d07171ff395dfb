/** Prints what each entry exports, by `import` and by `require`, where class-validator is not installed. */
import './absent-optional-peers.mjs';

const { createRequire } = await import('node:module');
const require = createRequire(import.meta.url);
const names = {};
for (const entry of ['gatewire', 'gatewire/protocol']) {
  const named = (exports) =>
    Object.keys(exports).filter((name) => name !== '__esModule' && name !== 'module.exports');
  names[entry] = { import: named(await import(entry)).sort(), require: named(require(entry)).sort() };
}
console.log(JSON.stringify(names));
