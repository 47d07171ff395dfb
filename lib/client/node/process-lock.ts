import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../storage/storage-error.js';

/** Two that come at once both step back, and come again after a while that is random. */
const attempts = 5;
const longestPauseMs = 40;

/** Who holds a lock, as the name of its file says. */
interface Holder {
  readonly file: string;
  readonly pid: number;
  /** When the process began, in the system's own unit; empty where that is not known. */
  readonly began: string;
}

/**
 * Has a file for this process alone. Each process announces itself with a file of its own name, then looks for others: of two, one at
 * least sees the other. What a killed process has left is recognised and removed; nobody ever takes over a file that somebody else may
 * be taking over as well.
 *
 * Processes of other machines (or of other containers) are not seen.
 *
 * @returns what gives it back
 * @throws {StorageError} `locked`
 */
export async function lockForProcess(path: string): Promise<() => Promise<void>> {
  const folder = dirname(path);
  const began = (await processState(process.pid))?.began ?? '';
  const own = `${basename(path)}.lock.${process.pid}.${began}.${randomBytes(6).toString('hex')}`;
  const unlock = (): Promise<void> => rm(join(folder, own), { force: true });
  for (let attempt = 1; ; attempt++) {
    await writeFile(join(folder, own), '', { flag: 'wx', mode: 0o600 });
    const other = await livingHolder(path, own);
    if (other === undefined) return unlock;
    await unlock();
    if (attempt === attempts) throw lockedBy(other, path);
    await sleep(Math.random() * longestPauseMs);
  }
}

/** Somebody else who has the lock; what the dead have left is removed. */
async function livingHolder(path: string, own: string): Promise<Holder | undefined> {
  const folder = dirname(path);
  for (const file of await readdir(folder)) {
    const holder = file === own ? undefined : holderOf(file, basename(path));
    if (holder === undefined) continue;
    if (await isAlive(holder)) return holder;
    await rm(join(folder, file), { force: true });
  }
  return undefined;
}

function holderOf(file: string, name: string): Holder | undefined {
  const prefix = `${name}.lock.`;
  if (!file.startsWith(prefix)) return undefined;
  const [, pid, began] = /^(\d+)\.(\d*)\.[\da-f]+$/.exec(file.slice(prefix.length)) ?? [];
  return pid === undefined || began === undefined ? undefined : { file, pid: Number(pid), began };
}

async function isAlive({ pid, began }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It is there, and of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const state = await processState(pid);
  if (state === undefined || began === '') return true;
  // Another process may have got the number since.
  return !state.isDead && state.began === began;
}

/** What Linux tells of a process (proc(5), "stat"); undefined on other systems. */
async function processState(pid: number): Promise<{ began: string; isDead: boolean } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The second field, the program's name in parentheses, may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, began] = [fields?.[0], fields?.[19]];
  return began === undefined ? undefined : { began, isDead: state === 'Z' || state === 'X' };
}

function lockedBy({ file, pid }: Holder, path: string): StorageError {
  const who = pid === process.pid ? 'this process has it open already' : `process ${pid} has it open`;
  return new StorageError('locked', `${path}: ${who}. If that is no program of yours, delete ${file}`);
}
