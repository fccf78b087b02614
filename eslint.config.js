import tseslint from 'typescript-eslint';

const brandedTypes = ['Account', 'RoleId', 'ResourceId', 'SecretVersion', 'RecordKey'];

export default tseslint.config(
  { ignores: ['build*/', 'node_modules/', 'eslint.config.js', '.dependency-cruiser.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: `TSAsExpression > TSTypeReference[typeName.name=/^(${brandedTypes.join('|')})$/]`,
          message: 'Only domain/ids.ts and domain/records/keys.ts make branded ids.',
        },
        { selector: 'TSEnumDeclaration', message: 'A literal union does the work of an enum.' },
      ],
      'no-restricted-imports': ['error', { patterns: [{ group: ['**/index.ts'], message: 'No barrels.' }] }],
    },
  },
  {
    files: ['src/domain/ids.ts', 'src/domain/records/keys.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
);
