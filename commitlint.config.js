/** Conventional commits; the scope is a room of lib or a top-level folder. `npm run check` reads every commit. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
    // As wide as a line of the code.
    'header-max-length': [2, 'always', 110],
    'subject-case': [0],
    // The conventional ones, and `bench` for what only measures.
    'type-enum': [
      2,
      'always',
      ['bench', 'build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'],
    ],
  },
};
