import { describe } from 'vitest';
import { deliveryTests } from './source-delivery.ts';
import { incidentTests } from './source-incidents.ts';
import { recordAtTests } from './source-record-at.ts';
import { makeSuite } from './source-suite.ts';
import type { ConformanceOptions, SourceHarness } from './source-suite.ts';

/**
 * The contract of `src/source/source.ts`, for every implementation. Called by `source.<name>.test.ts`, which says how
 * topics and records are made in what its source reads.
 */
export function sourceConformance(
  name: string,
  makeHarness: () => Promise<SourceHarness>,
  options: ConformanceOptions = {},
): void {
  describe(`source conformance: ${name}`, () => {
    const suite = makeSuite(makeHarness, options);
    deliveryTests(suite);
    incidentTests(suite);
    recordAtTests(suite);
  });
}
