import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const builtins = { group: ['node:*'], message: 'Workflows run in a sandbox without Node: let an activity do it.' };
const tests = { group: ['**/test/**'], message: 'Nothing imports test/.' };
const contexts = (...folders) =>
  folders.map((folder) => ({
    group: [`**/${folder}/**`],
    message: `Not from ${folder}/ here: see test/house/import-rules.ts.`,
  }));
const packages = (...names) => ({
  group: names.map((name) => `@temporalio/${name}`),
  message: 'Belongs to another execution context.',
});
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns: [tests, ...patterns.flat()] }] });
const outside = ['fetch', 'process', 'performance', 'crypto', 'console', 'setInterval', 'setImmediate', 'Buffer'];

export default defineConfig(
  { ignores: ['node_modules', '.data', '*.js'] },
  { files: ['**/*.ts'], extends: [tseslint.configs.recommendedTypeChecked] },
  {
    files: ['**/*.ts'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // What implements an asynchronous interface is asynchronous, whether or not it has something to wait for.
      '@typescript-eslint/require-await': 'off',
      // Our interfaces are records of closures, which have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      ...restrict(
        builtins,
        contexts('activities', 'worker', 'client'),
        packages('activity', 'client', 'worker', 'testing', 'envconfig'),
      ),
      'no-restricted-globals': ['error', ...outside],
    },
  },
  {
    files: ['workflows/domain/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\./)', message: 'The domain is pure: it imports its own folder only.' }] },
      ],
      'no-restricted-globals': ['error', ...outside, 'setTimeout'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'The domain is pure: pass it in.' },
        { object: 'Date', property: 'now', message: 'The domain is pure: pass the time in.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'The domain is pure: pass the time in.',
        },
      ],
    },
  },
  {
    files: ['activities/**/*.ts'],
    rules: restrict(contexts('worker', 'client'), packages('workflow', 'worker', 'client')),
  },
  {
    files: ['client/**/*.ts'],
    rules: restrict(contexts('activities', 'worker'), packages('worker', 'workflow', 'activity', 'testing')),
  },
  { files: ['worker/**/*.ts'], rules: restrict([]) },
  { files: ['worker/dev/*.ts', 'worker/build-bundle.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
);
