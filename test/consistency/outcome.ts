import type { AroundConnect } from './page.js';
import type { AroundHandler } from './server-life.js';

/** A seeded defect: what is put around the ports of either end. */
export interface Defect {
  readonly aroundConnect?: AroundConnect;
  readonly aroundHandler?: AroundHandler;
}

/** How often each fault has met each state of the client: `reset@open`. */
export type Encounters = Map<string, number>;

export interface Outcome {
  readonly violations: readonly string[];
  readonly encounters: Encounters;
  readonly trace: readonly string[] | null;
  readonly faults: number;
  readonly opens: number;
  readonly resumes: number;
  readonly recoveries: number;
}
