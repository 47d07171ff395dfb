/** Saves what a script says to a file, several at once, and prints the number of each when it is durable: until it is killed. */
import { writeSync } from 'node:fs';
import { fileStorage } from '../../../lib/client/node/file-storage.js';
import { scriptedSave } from './scripted-saves.js';

const [path = '', seed = '', first = ''] = process.argv.slice(2);
const storage = fileStorage(path, { compactBytes: 65_536 });
const atOnce = 8;
let next = Number(first);

async function saver(): Promise<void> {
  for (;;) {
    const number = next++;
    await storage.save(scriptedSave(Number(seed), number));
    // At once, as nothing that is buffered survives a kill.
    writeSync(1, `${number}\n`);
  }
}

for (let one = 0; one < atOnce; one++) void saver();
