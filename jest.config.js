/** tsc has checked the types: swc only takes them away, in a third less time than tsc. */
const translation = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
  },
};

/** ES modules all the way: needs --experimental-vm-modules, which `npm test` gives. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testEnvironment: 'node',
  // One more than CI has cores: tests wait for clocks and browsers.
  maxWorkers: 3,
  testSequencer: '<rootDir>/scripts/long-first.mjs',
  // A test that waits for good fails; one on a busy machine does not.
  testTimeout: 30_000,
  // The summary does not repeat the failures, which the first has printed.
  reporters: ['<rootDir>/scripts/suite-seconds.mjs', ['summary', { summaryThreshold: Infinity }]],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.c?ts$': ['@swc/jest', translation] },
  // By its whole name: packages have .cjs files too.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^\\./here\\.cjs$': './here.cts' },
};
