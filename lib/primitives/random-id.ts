const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const idLength = 20;
let pool = new Uint8Array(0);
let used = 0;

/** 120 bits of the system's randomness as 20 URL-safe characters. Drawn from a pool: one system call per 200 ids. */
export function randomId(): string {
  if (used + idLength > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(idLength * 200));
    used = 0;
  }
  const drawn = pool.subarray(used, (used += idLength));
  // One flat string: what is put together piece by piece stays a tree of pieces, ten times as large, for as long as it is kept.
  return String.fromCharCode(...drawn.map((byte) => alphabet.charCodeAt(byte & 63)));
}
