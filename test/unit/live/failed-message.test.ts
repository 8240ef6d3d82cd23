import { expect, onTestFinished, test } from 'vitest';
import { must } from '../../../src/common/errors.ts';
import { createTestGateway } from '../../../src/testing.ts';

test('a change stream ends with the message that cannot be made, and can be resumed before it', async () => {
  const gateway = await createTestGateway({
    schema: 'type Song @table(topic: "songs") { id: ID! title: String! }',
    limits: { maxResponseBytes: 1_000 },
  });
  onTestFinished(() => gateway.close());
  const document =
    'subscription ($after: String) { songChanges(after: $after) { changes { node { title } } position } }';
  const stream = await gateway.subscribe(document);
  const [first] = stream.frames();
  const { position } = must(first?.data as { songChanges: { position: string } }, 'a first message').songChanges;
  await gateway.produce({ topic: 'songs', key: 's1', value: { title: 'x'.repeat(2_000) } });
  await gateway.produce({ topic: 'songs', key: 's2', value: { title: 'short' } });
  expect(
    stream.frames().map(({ data, errors, extensions }) => [data, errors?.[0]?.extensions.code, extensions]),
  ).toEqual([[null, 'LIMIT_EXCEEDED', undefined]]);
  expect(stream.completed).toBe(true);
  const resumed = await gateway.subscribe(document.replace('node { title }', 'rowId'), { after: position });
  await gateway.settled();
  const rows = resumed
    .frames()
    .flatMap(({ data }) => (data as { songChanges: { changes: { rowId: string }[] } }).songChanges.changes);
  expect(rows).toEqual([{ rowId: 's1' }, { rowId: 's2' }]);
});
