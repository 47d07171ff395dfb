import { createRequire } from 'node:module';

// Jest's own, and nobody else's: it comes with Jest.
const { default: Sequencer } = createRequire(createRequire(import.meta.url).resolve('jest'))(
  '@jest/test-sequencer',
);

/** Suites that take half a minute or more: the last to begin is not to be one of them, with one core idle beside it. */
const long = [
  /python-keepalive/,
  /durability\//,
  /transactions\/kills/,
  /consistency\/schedules/,
  /validation-differential/,
  /\.browser\.spec/,
];

/** Jest's order (what failed, then what took longest, then the largest file), but that on a fresh machine nothing has taken long yet. */
export default class LongFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = long.findIndex((pattern) => pattern.test(path));
      return found === -1 ? long.length : found;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
