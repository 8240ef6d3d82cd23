import { defineConfig } from 'vitest/config';

// The pages of the examples in a browser: CHROMIUM_PATH names one, else Chromium is looked for, and as root on Debian installed.
export default defineConfig({
  test: {
    include: ['test/**/*.browser.test.ts'],
    globalSetup: ['test/support/browser/global-setup.ts'],
    pool: 'forks',
    // Each has a browser and an example of its own; two at once would wait for each other's processor time.
    fileParallelism: false,
    testTimeout: 60_000,
    // How long a page is waited for, by default a second: nothing here says how fast a machine is.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.test-results/browser.json' },
  },
});
