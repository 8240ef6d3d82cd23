import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Lanes are folders; those that need Apache Kafka or a browser are chosen by file name (`*.kafka.test.ts`,
// `*.browser.test.ts`) and have configs of their own.
export default defineConfig({
  // Vite would take graphql's `module` build, node (and so yoga and graphql-ws) its `main`: two GraphQLError classes.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.kafka.test.ts', 'test/**/*.browser.test.ts', 'node_modules/**', 'dist/**'],
    setupFiles: ['test/support/fast-check-seed.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.test-results/main.json' },
  },
});
