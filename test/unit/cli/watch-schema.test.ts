import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { SchemaWatch } from '../../../src/cli/watch-schema.ts';
import { Arrival } from '../../support/arrival.ts';
import { makeDirectory } from '../../support/open-test-store.ts';

async function follow(pattern: string, folders: readonly string[] = ['schema']) {
  const cwd = makeDirectory();
  for (const folder of folders) mkdirSync(join(cwd, folder), { recursive: true });
  const arrival = new Arrival();
  let count = 0;
  const changed = (): void => {
    count += 1;
    arrival.tell();
  };
  const write = (name: string): void => writeFileSync(join(cwd, name), `type T${count} @table(topic: "t") { id: ID! }`);
  write('schema/first.graphql');
  const watch = new SchemaWatch({ patterns: [pattern], cwd, changed, unwatchable: () => {} });
  onTestFinished(() => watch.close());
  await watch.look();
  return {
    cwd,
    watch,
    write,
    /** Whoever is told does not look again: what is found is then another text than at the first look. */
    async sees(happens: () => void): Promise<void> {
      const before = count;
      happens();
      await arrival.until(() => count > before);
    },
  };
}

test.each(['schema/**/*.graphql', 'schema', '**/*.graphql'])(
  '%s: a file in a folder that came empty is seen',
  async (pattern) => {
    const { cwd, write, sees } = await follow(pattern, ['schema', 'schema/empty']);
    await sees(() => {
      mkdirSync(join(cwd, 'schema/new/deep'), { recursive: true });
      write('schema/second.graphql');
    });
    await sees(() => write('schema/new/deep/third.graphql'));
    await sees(() => write('schema/empty/fourth.graphql'));
  },
);

test('a folder that takes the place of another is followed, and so is one whose files cannot be read', async () => {
  const { cwd, write, sees } = await follow('schema/**/*.graphql', ['schema', 'schema/a', 'other']);
  write('other/inside.graphql');
  await sees(() => {
    rmSync(join(cwd, 'schema/a'), { recursive: true });
    renameSync(join(cwd, 'other'), join(cwd, 'schema/a'));
  });
  await sees(() => writeFileSync(join(cwd, 'schema/a/inside.graphql'), Buffer.from([0xff])));
  await sees(() => write('schema/a/inside.graphql'));
});

test('a topic that grows all the time beside the schema hides no change of it', async () => {
  const { cwd, watch, write, sees } = await follow('**/*.graphql', ['schema', 'log']);
  const topic = join(cwd, 'log/songs.ndjson');
  appendFileSync(topic, '{"key":"s"}\n');
  await watch.look();
  let grows = true;
  onTestFinished(() => void (grows = false));
  const growing = (async () => {
    while (grows) {
      appendFileSync(topic, '{"key":"s"}\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await sees(() => write('schema/second.graphql'));
  grows = false;
  await growing;
});
