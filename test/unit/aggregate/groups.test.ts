import fc from 'fast-check';
import { test } from 'vitest';
import type { ScalarName, Value } from '../../../src/model/value.ts';
import { allTypes, valuesOf } from '../../support/arbitrary-values.ts';
import { scalar } from '../../support/make-table.ts';
import { runHistory, shuffles, steps } from './group-history.ts';
import { everyFunction } from './group-world.ts';

test.each(allTypes)('%s: after any history a group has what its rows give, and no row leaves a trace', (_, type) => {
  const byType = scalar('Float');
  const specs = everyFunction(type, byType);
  fc.assert(
    fc.property(steps(type, valuesOf(type), fc.integer({ min: -2, max: 2 })), shuffles, (history, shuffle) =>
      runHistory(specs, history, shuffle),
    ),
    { numRuns: 80 },
  );
});

const hardNumbers: readonly (readonly [ScalarName, readonly Value[]])[] = [
  ['Int', [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]],
  ['BigInt', [0n, 2n ** 63n - 1n, -(2n ** 63n), 10n ** 1000n - 1n, 1n - 10n ** 1000n, 1n]],
  [
    'Float',
    [
      0,
      -0,
      5e-324,
      -5e-324,
      2 ** -1022,
      2 ** -1022 - 5e-324,
      0.1,
      -0.1,
      1e16,
      1,
      2 ** 53,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      1e-300,
      2 ** 970,
    ],
  ],
  [
    'Decimal',
    [
      '0',
      '-0.0',
      '1.10',
      '1.1',
      '1e999',
      '-1e999',
      '1e-1000',
      '9.99e-999',
      `0.${'3'.repeat(999)}`,
      `${'9'.repeat(1000)}`,
      '5e-1',
    ],
  ],
];

test.each(hardNumbers)('%s: the outermost numbers are summed exactly, and rounded once', (name, values) => {
  const specs = everyFunction(scalar(name), scalar('Decimal'));
  const args = fc.oneof(fc.constantFrom(...values), valuesOf(scalar(name)));
  const bys = fc.constantFrom('1.10', '1.1', '-3', '2e3');
  fc.assert(
    fc.property(steps(scalar(name), args, bys), shuffles, (history, shuffle) => {
      // One function at a time: none hides behind another that has no value.
      for (const spec of specs) runHistory([spec], history, shuffle);
    }),
    { numRuns: 60 },
  );
});
