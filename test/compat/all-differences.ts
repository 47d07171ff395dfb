import { answerDifferences } from './differences/answers.js';
import { boundDifferences } from './differences/bounds.js';
import { closeDifferences } from './differences/closing.js';
import { connectDifferences } from './differences/connecting.js';
import type { Difference } from './differences/difference.js';
import { enhancerDifferences } from './differences/enhancers.js';
import { frameDifferences } from './differences/frames.js';

/** Every row of `docs/MIGRATION.md#differences`. */
export const allDifferences: readonly Difference[] = [
  ...frameDifferences,
  ...connectDifferences,
  ...enhancerDifferences,
  ...answerDifferences,
  ...closeDifferences,
  ...boundDifferences,
];
