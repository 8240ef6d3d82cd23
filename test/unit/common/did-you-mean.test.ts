import { expect, test } from 'vitest';
import { didYouMean } from '../../../src/common/did-you-mean.ts';

test.each([
  ['titel', ['title', 'isrc'], ' Did you mean "title"?'],
  ['TITLE', ['title'], ' Did you mean "title"?'],
  ['knd', ['and', 'kind', 'id'], ' Did you mean "kind" or "and"?'],
  ['x', ['title'], ''],
  ['', ['title'], ''],
  ['aa', ['ab', 'ac', 'ad', 'ae'], ' Did you mean "ab" or "ac" or "ad"?'],
])('%s among %j', (given, known, hint) => {
  expect(didYouMean(given, known)).toBe(hint);
});
