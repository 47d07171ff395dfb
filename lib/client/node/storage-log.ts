import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '../storage/storage-error.js';
import { decodeLog, encodeFrame, logHeader } from './log-frames.js';

/** Characters of the frames that a compacted log is made of, roughly. */
const snapshotFrameLength = 1_048_576;
/** For the user alone: the log holds messages, and what resumes a session. */
const mode = 0o600;

/** One change: a key, and the text that it gets; undefined: it goes. */
export type Change = readonly [key: string, text: string | undefined];

/** The file of a storage: what has changed, appended; and all of it anew, when too much of it is of no use any more. */
export class StorageLog {
  readonly #path: string;
  #file: FileHandle;
  #bytes: number;
  /** A write has failed: what the end of the file looks like is not known. */
  #isSuspect = false;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Opens a file or makes it; cuts off what was never finished. @throws {StorageError} `corrupted` */
  static async open(path: string, change: (change: Change) => void): Promise<StorageLog> {
    await rm(unfinished(path), { force: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, mode);
    try {
      const { payloads, soundBytes } = decodeLog(await readFile(file));
      for (const payload of payloads) for (const one of decodeChanges(payload)) change(one);
      await file.truncate(soundBytes);
      const log = new StorageLog(path, file, soundBytes);
      if (soundBytes === 0) await log.#write(logHeader);
      await file.datasync();
      await syncFolder(path);
      return log;
    } catch (error) {
      await file.close();
      throw error instanceof StorageError
        ? new StorageError(error.fault, `${path}: ${error.message}`)
        : error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** After a failed write the file is written anew before anything is appended. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** Durable, all of it, when it resolves. */
  async append(changes: Iterable<Change>): Promise<void> {
    try {
      await this.#write(encodeFrame(encodeChanges(changes)));
      await this.#file.datasync();
    } catch (error) {
      this.#isSuspect = true;
      throw error;
    }
  }

  /** Writes a new file and puts it in the place of the old one, which stays as it is until then. */
  async rewrite(entries: Iterable<Change>): Promise<void> {
    const path = unfinished(this.#path);
    const file = await open(path, 'w', mode);
    let bytes = 0;
    try {
      for (const part of snapshot(entries)) {
        await writeAll(file, part, bytes);
        bytes += part.length;
      }
      await file.datasync();
      // Windows does not replace a file that is open.
      await this.#file.close();
      await rename(path, this.#path);
    } catch (error) {
      await file.close();
      await this.#reopen();
      throw error;
    }
    this.#file = file;
    this.#bytes = bytes;
    this.#isSuspect = false;
    await syncFolder(this.#path);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** A new file could not take its place. */
  async #reopen(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    this.#file = await open(this.#path, 'r+', mode);
  }

  async #write(bytes: Buffer): Promise<void> {
    await writeAll(this.#file, bytes, this.#bytes);
    this.#bytes += bytes.length;
  }
}

/** Keys and values are JSON: they hold neither tabs nor ends of lines. */
function encodeChanges(changes: Iterable<Change>): string {
  let payload = '';
  for (const [key, text] of changes)
    payload += `${JSON.stringify(key)}${text === undefined ? '' : `\t${text}`}\n`;
  return payload;
}

function decodeChanges(payload: string): Change[] {
  return payload
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const tab = line.indexOf('\t');
      if (tab === -1) return [JSON.parse(line) as string, undefined];
      return [JSON.parse(line.slice(0, tab)) as string, line.slice(tab + 1)];
    });
}

function* snapshot(entries: Iterable<Change>): Iterable<Buffer> {
  yield logHeader;
  let part: Change[] = [];
  let length = 0;
  for (const entry of entries) {
    part.push(entry);
    length += entry[0].length + (entry[1]?.length ?? 0);
    if (length < snapshotFrameLength) continue;
    yield encodeFrame(encodeChanges(part));
    part = [];
    length = 0;
  }
  if (part.length > 0) yield encodeFrame(encodeChanges(part));
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** That there is a file of this name is durable as well. Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function unfinished(path: string): string {
  return `${path}.unfinished`;
}
