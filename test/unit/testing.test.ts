import { expect, test } from 'vitest';
import { createTestGateway } from '../../src/testing.ts';

test.each(['schema/*.graphql', './song.graphql', 'C:\\schema\\song.graphql'])(
  'a test gateway says that %s is a path and not a schema',
  async (schema) => {
    await expect(createTestGateway({ schema })).rejects.toThrow(/as SDL text, .* looks like a path\. Pass what is in/);
  },
);

test('a test gateway tells what is wrong with SDL where it is wrong', async () => {
  await expect(createTestGateway({ schema: '# not a path/at all.graphql\ntype Song' })).rejects.toThrow(
    /^schema\.graphql:/,
  );
});
