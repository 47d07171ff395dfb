/** Conventional commits; the scope is a room of lib or a top-level folder. `npm run check` reads every commit. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: { 'body-max-line-length': [0], 'footer-max-line-length': [0], 'subject-case': [0] },
};
