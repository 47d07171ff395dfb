import { join } from 'node:path';

/** Where a file is that outlives the process; `DATA` names the folder. */
export function dataFile(name: string): string {
  return join(process.env['DATA'] ?? '.', name);
}
