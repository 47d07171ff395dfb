import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const isomorphicRooms = ['primitives', 'protocol', 'codecs', 'exchange', 'routing', 'client'];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.cache/',
      '.dist-unfinished/',
      'test/package/programs/*.?ts',
      'test/transactions/prisma/generated/',
      'sample/*/dist/',
      'bench/results/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        // Named: finding them by `projectService` takes a third longer.
        project: ['tsconfig.json', 'sample/tsconfig.json', 'schematics/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    name: 'size: a file holds one idea, a function is read at one sight',
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 16],
      'max-depth': ['error', 3],
      'max-params': 'off',
    },
  },
  {
    name: 'house rules',
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A Nest module is a class with a decorator and nothing in it.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // What a constructor takes is what Nest injects, also when nothing is done with it.
      '@typescript-eslint/no-useless-constructor': 'off',
      // Nest's options are classes to which everyone gives object literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Numbers in messages are what the reader wants to see.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // `interface Events { … }` lacks the index signature that an event map generic asks for: users choose.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // An index that was just range-checked is `!`; noUncheckedIndexedAccess knows no ranges.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // What may be looked up by any name is looked up by a name in quotes.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // `void | Promise<void>` says: synchronous until something really is not.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // A walk along linked nodes starts at `this`.
      '@typescript-eslint/no-this-alias': 'off',
      // `void promise` is how a promise is left to finish by itself, and says so.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
    },
  },
  {
    name: 'the only value imports of ws are the transport and the client on Node',
    files: ['lib/**'],
    ignores: ['lib/transport/**', 'lib/client/node/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'ws', message: 'Go through lib/transport.', allowTypeImports: true }] },
      ],
    },
  },
  {
    name: 'isomorphic rooms',
    files: isomorphicRooms.map((room) => `lib/${room}/**`),
    ignores: ['lib/client/node/**'],
    rules: {
      'no-restricted-globals': ['error', 'Buffer', 'process', '__dirname', 'setImmediate', 'global'],
    },
  },
  {
    name: 'what Nest hands us is untyped: handlers, metadata, enhancers',
    files: ['lib/nest/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Hooks and methods are looked up on the instance and called with it.
      '@typescript-eslint/unbound-method': 'off',
      // ExecutionContext's signatures are Nest's.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    name: 'tests: frames are parsed JSON, gateways are what users write',
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    name: 'programs that print: scripts, benchmarks, real-app proofs',
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
);
