import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run.ts';
import { createTestGateway } from '../../../src/testing.ts';
import { makeDirectory } from '../../support/open-test-store.ts';

test.each([
  [3, undefined],
  [4, 'Song: and 1 older dead letter'],
  [9, 'Song: and 6 older dead letters'],
])('status shows the newest of %i dead letters, and how many there are besides', async (count, besides) => {
  const cwd = makeDirectory();
  const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(join(cwd, 'schema', 'song.graphql'), schema);
  const gateway = await createTestGateway({ schema, dataDir: join(cwd, 'data') });
  await gateway.produce(Array.from({ length: count }, (_, i) => ({ topic: 'songs', key: `s${i}`, value: {} })));
  await gateway.close();
  let stdout = '';
  const code = await runCli(
    // Nothing listens on port 1.
    ['status', '--data', 'data', '--port', '1'],
    {},
    { cwd, input: Readable.from([]), out: (text) => (stdout += text), err: () => {} },
  );
  expect(code).toBe(0);
  const letters = stdout.split('\n').filter((line) => line.includes('dead letter'));
  expect(letters.slice(0, 3).map((line) => /offset (\d+)/.exec(line)?.[1])).toEqual(
    [1, 2, 3].map((i) => String(count - i)),
  );
  expect(letters[3]).toBe(besides);
});
