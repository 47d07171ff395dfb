import { createHash } from 'node:crypto';

/** A program in Lua that Redis runs as one step. All its keys are in `KEYS`, and in one hash slot. */
export class RedisScript {
  /** By which Redis knows it once it has seen it. */
  readonly sha: string;

  constructor(readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }
}
