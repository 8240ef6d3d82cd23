import { expect, test } from 'vitest';
import { scalar } from '../../support/make-table.ts';
import { GroupMemory } from './group-memory.ts';
import { openGroups, rowOf } from './group-world.ts';

const key = Buffer.from('group');

test('the first functions', () => {
  const type = scalar('Int');
  const open = openGroups(
    { fn: 'COUNT' },
    { fn: 'COUNT', type },
    { fn: 'SUM', type },
    { fn: 'MIN', type },
    { fn: 'MAX', type },
    { fn: 'LAST', type },
    { fn: 'FIRST', type },
  );
  const memory = new GroupMemory();
  let group = open(memory, key);
  for (const [offset, value] of [3, null, -2, 2147483647, 2147483647].entries()) group.add(rowOf(7, offset, value));
  group.retract(rowOf(7, 3, 2147483647));
  expect(group.values()).toEqual([4, 3, 2147483648n, -2, 2147483647, 2147483647, 3]);
  group.save();
  group = open(memory, key);
  expect(group.rows).toBe(4);
  group.retract(rowOf(7, 4, 2147483647));
  expect(group.values()).toEqual([3, 2, 1n, -2, 3, -2, 3]);
  for (const [offset, value] of [3, null, -2].entries()) group.retract(rowOf(7, offset, value));
  group.save();
  expect(memory.contents).toEqual([]);
});
