import type { AroundConnect } from './page.js';

/** A seeded defect that each schedule has anew: what is put around the ports of the client. */
export interface Defect {
  readonly aroundConnect?: AroundConnect;
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
