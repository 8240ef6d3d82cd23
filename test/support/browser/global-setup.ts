import type { TestProject } from 'vitest/node';
import { findChromium } from './find-chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the browser is; empty where there is none, and the tests are skipped. */
    readonly chromium: string;
  }
}

/** Without a browser its tests are skipped, and this says why; under CI=true that is a failure. */
export function setup(project: TestProject): void {
  const chromium = findChromium((line) => process.stderr.write(`${line}\n`));
  if ('path' in chromium) {
    project.provide('chromium', chromium.path);
    return;
  }
  if (process.env['CI'] === 'true') throw new Error(`The tests in a browser cannot run: ${chromium.missing}.`);
  process.stderr.write(`The tests in a browser are skipped: ${chromium.missing}.\n`);
  project.provide('chromium', '');
}
