import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

const node = { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', setTimeout: 'readonly' };
const browser = { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' };

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/build/', 'coverage/', 'playwright/report/', '**/test-results/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      // Numbers in messages are what they look like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Typed arrays and protocol tables are indexed where the index is known to be in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    // Belongs to no project: its types are not known.
    files: ['vitest.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  { files: ['**/*.mjs', 'eslint.config.js'], languageOptions: { globals: node } },
  // After TypeScript's, whose parser it replaces for its own files.
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // TypeScript knows better what is defined, and props are destructured as Svelte wants it.
      'no-undef': 'off',
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // `void x;` names what an effect depends on.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Reactive collections are replaced as a whole ($state.raw), the others change with every frame.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['client/public/**/*.js'], languageOptions: { globals: browser } },
  prettier,
);
