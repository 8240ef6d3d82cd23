import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';

test('a second signal ends a gateway that is still closing, also in the midst of a commit', async () => {
  const cwd = makeDirectory();
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(
    join(cwd, 'schema', 'song.graphql'),
    'type Song @table(topic: "songs") { id: ID! title: String! @index }',
  );
  const records = Array.from({ length: 100_000 }, (_, i) => ({ key: `s${i}`, value: { title: `t${i}` } }));
  appendToLog(join(cwd, 'log'), 'songs', records);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
    rmSync(join(cwd, '.headgate'), { recursive: true, force: true });
    const gateway = await startGatewayProcess(['serve'], { cwd });
    onTestFinished(() => gateway.kill9());
    process.kill(gateway.pid, 'SIGTERM');
    // The first has been taken once it says so; then the tables are still filling.
    while (!gateway.output().includes('finishing answers')) await new Promise((resolve) => setImmediate(resolve));
    process.kill(gateway.pid, signal);
    // By the signal, or in good order where it was faster; not by `process.exit`, which can wait for ever for the writer.
    expect([null, 0]).toContain(await gateway.exited);
  }
});
