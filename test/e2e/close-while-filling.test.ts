import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
// The writer's thread runs from dist alone.
import { createGateway } from '../../dist/index.js';

const directory = mkdtempSync(join(tmpdir(), 'headgate-closing-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a gateway that is closed while somebody waits for its tables says so, and ends', async () => {
  mkdirSync(join(directory, 'log'));
  const line = (i: number) => JSON.stringify({ key: `s${i}`, value: { title: 'x'.repeat(50) } });
  writeFileSync(
    join(directory, 'log', 'songs.ndjson'),
    Array.from({ length: 300_000 }, (_, i) => `${line(i)}\n`).join(''),
  );
  writeFileSync(join(directory, 'song.graphql'), 'type Song @table(topic: "songs") { id: ID! title: String! }');
  const gateway = await createGateway({
    schema: join(directory, 'song.graphql'),
    source: { kind: 'log', directory: join(directory, 'log') },
    data: join(directory, 'data'),
    port: 0,
  });
  const filled = gateway.filled().then(
    () => 'filled',
    (cause: unknown) => String(cause),
  );
  await gateway.close();
  expect(await filled).toBe('Error: the gateway was closed before its tables were filled');
});
