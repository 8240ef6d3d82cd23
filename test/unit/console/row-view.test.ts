import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageSizes, readRowView, writeRowView } from '../../../src/console/row-view.ts';

const name = fc.stringMatching(/^[_A-Za-z]\w{0,8}$/).filter((each) => each !== '__proto__');
const order = fc.record({ column: name, direction: fc.constantFrom('ASC' as const, 'DESC' as const) });
// -0 is written as 0.
const value = fc.jsonValue().map((each): unknown => JSON.parse(JSON.stringify(each)));
const view = fc.record({
  filters: fc.array(fc.record({ column: name, operator: name, value }), { maxLength: 3 }),
  order: fc.option(fc.oneof(order, fc.constant('none' as const)), { nil: undefined }),
  limit: fc.constantFrom(...pageSizes),
});

test('an address keeps how rows are looked at, whatever is looked for', () => {
  fc.assert(
    fc.property(view, (asked) => {
      const query = writeRowView(asked);
      expect(readRowView(query)).toEqual(asked);
      expect(query).not.toMatch(/[#/?]/);
    }),
  );
});

test('what is as it begins stands in no address', () => {
  expect(writeRowView({ filters: [], order: undefined, limit: 25 })).toBe('');
});

test('what cannot be read of an address is as if it were not there', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (where, orderBy, limit) => {
      readRowView(String(new URLSearchParams({ where, orderBy, limit })));
      readRowView(where);
    }),
  );
  const broken = 'where={&where=[1]&where={"a":1}&where={"a":{"eq":1},"b":{"eq":2}}&orderBy=likes:UP&limit=7';
  expect(readRowView(broken)).toEqual({ filters: [], order: undefined, limit: 25 });
});
