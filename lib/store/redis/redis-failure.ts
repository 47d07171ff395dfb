import { StoreError, type StoreFault, storeFaults } from '../store-error.js';

/** By the first word of an answer that is an error. What is not here is `unavailable`: a node that loads, a replica, … */
const faults: Readonly<Record<string, StoreFault>> = {
  OOM: 'full',
  BUSY: 'overloaded',
  WRONGTYPE: 'incompatible',
};

/** The first word of errors that scripts of ours return: `GATEWIRE <fault> <text>`. */
const ours = /^GATEWIRE (\w+) (.*?)(?: script: \w+, on .*)?$/s;
const fullDisk = 'No space left on device';
const fullQueue = /queue is full|max number of clients reached/i;

/** Whether Redis has answered with an error: a script that ends so before its first write has done nothing. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  if (!(cause instanceof Error)) return false;
  // ioredis gives errors a name, node-redis classes of their own.
  return cause.name === 'ReplyError' || /^(ErrorReply|SimpleError|BlobError)$/.test(cause.constructor.name);
}

/** What a client has rejected with, as what a store throws. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [, fault, text = ''] = ours.exec(message) ?? [];
  if (isStoreFault(fault)) return new StoreError(fault, text, error);
  return new StoreError(faultOf(message), `Redis: ${message}`, error);
}

function faultOf(message: string): StoreFault {
  if (message.includes(fullDisk)) return 'full';
  if (fullQueue.test(message)) return 'overloaded';
  return faults[message.split(' ', 1)[0] ?? ''] ?? 'unavailable';
}

function isStoreFault(word: string | undefined): word is StoreFault {
  return (storeFaults as readonly (string | undefined)[]).includes(word);
}
