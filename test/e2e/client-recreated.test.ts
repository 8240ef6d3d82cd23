import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient } from '../../src/client/client.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';
import { subscribe } from '../support/server-world.ts';

const changes = (variables: string, args: string) =>
  `subscription S(${variables}) { songChanges(${args}) { changes { operation rowId } reset } }`;

test('a topic that is created anew ends no change stream that may begin again, nor a live query', async () => {
  const directory = makeDirectory();
  const log = join(directory, 'log');
  const songs = (ids: readonly string[]) =>
    appendToLog(
      log,
      'songs',
      ids.map((key) => ({ key, value: { title: key } })),
    );
  writeFileSync(join(directory, 'schema.graphql'), 'type Song @table(topic: "songs") { id: ID! title: String! }');
  songs(['a', 'b']);
  const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
  const first = await startGatewayProcess(args, { cwd: directory });
  const client = createLiveClient({ url: first.wsUrl, webSocketImpl: WebSocket, maxRetryWaitMs: 50 });
  onTestFinished(() => void client.dispose());

  const literal = subscribe(client, changes('$after: String', 'after: $after, snapshot: true'));
  const variable = subscribe(
    client,
    changes('$after: String, $snapshot: Boolean', 'snapshot: $snapshot, after: $after'),
    { snapshot: true },
  );
  const live = subscribe(client, 'subscription { songs { id } }');
  const plain = subscribe(client, changes('$after: String', 'after: $after'));
  for (const each of [literal, variable, live, plain]) await each.at(0);

  rmSync(log, { recursive: true });
  songs(['c']);
  const error = { errors: [{ extensions: { code: 'TOPIC_RECREATED', table: 'Song' } }] };
  for (const each of [literal, variable, live, plain]) expect(await each.at(1)).toMatchObject(error);
  await plain.ended;
  expect(plain.all).toHaveLength(2);

  await first.stop();
  const second = await startGatewayProcess([...args, '--rebuild', 'Song', '--port', new URL(first.url).port], {
    cwd: directory,
  });
  onTestFinished(async () => void (await second.stop()));
  // With what there is now in place of what was; the error was told once, however often it was tried.
  const anew = { data: { songChanges: { reset: true, changes: [{ operation: 'INSERT', rowId: 'c' }] } } };
  for (const each of [literal, variable]) expect(await each.at(2)).toMatchObject(anew);
  while (!JSON.stringify(live.all.at(-1)).includes('"c"')) await live.at(live.all.length);
  songs(['d']);
  const next = { data: { songChanges: { reset: false, changes: [{ operation: 'INSERT', rowId: 'd' }] } } };
  for (const each of [literal, variable]) expect(await each.at(3)).toMatchObject(next);
});
