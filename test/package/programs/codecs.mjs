/** Prints what the binary codecs export, and what becomes of a message with bytes, in both module systems. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const load = { import: (entry) => import(entry), require: async (entry) => require(entry) };
const report = {};
for (const [system, get] of Object.entries(load)) {
  const { decodeDefaults } = await get('gatewire/protocol');
  const named = (exports) =>
    Object.keys(exports).filter((name) => name !== '__esModule' && name !== 'module.exports');
  const modules = [await get('gatewire/cbor'), await get('gatewire/msgpack')];
  const decoded = [modules[0].cbor(), modules[1].msgpack()].map((codec) => {
    const frame = codec.encode({ event: 'file', data: { bytes: Buffer.from('dead', 'hex') } });
    const { event, data } = codec.decode(frame, decodeDefaults);
    return { event, data: { bytes: data.bytes.toString('hex') } };
  });
  report[system] = { names: modules.map(named), decoded };
}
console.log(JSON.stringify(report));
