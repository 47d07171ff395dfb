/** Bundles the program on standard input, whose file gets the name of the argument, from the sources of the package; in a process of its own, as Rolldown's native parts do not take objects of Jest's realm. */
import { text } from 'node:stream/consumers';

import { bundle } from '../../../scripts/bundle.mjs';

const chunks = await bundle(await text(process.stdin), {
  from: 'lib',
  file: process.argv[2],
  mode: 'development',
});
console.log(JSON.stringify(chunks.map(({ fileName, code }) => ({ fileName, code }))));
