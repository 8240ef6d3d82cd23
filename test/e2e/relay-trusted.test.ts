import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Environment, RecordSource, Store } from 'relay-runtime';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient } from '../../src/client/client.ts';
import { nodeIdOf, relayNetwork } from '../../src/client/relay.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { Arrival } from '../support/arrival.ts';
import { runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';
import { compileRelay, mountLive } from '../support/relay-page.ts';

interface Songs {
  readonly songs?: readonly { readonly id: string; readonly title: string }[];
}

test('a list of a page whose documents are named by their hashes is live', async () => {
  const directory = makeDirectory();
  const log = join(directory, 'log');
  mkdirSync(join(directory, 'schema'));
  writeFileSync(join(directory, 'schema/songs.graphql'), 'type Song @table(topic: "songs") { id: ID! title: String! }');
  appendToLog(log, 'songs', [{ key: 'a', value: { title: 'Amber' } }]);
  expect(await runHeadgate(['codegen', '--for', 'relay'], { cwd: directory })).toMatchObject({ code: 0 });
  writeFileSync(join(directory, 'trusted.json'), '{}');
  const { pageSongsQuery } = await compileRelay(
    directory,
    { pageSongsQuery: 'query pageSongsQuery { songs { id title } }' },
    'trusted.json',
  );
  expect(pageSongsQuery.params.text).toBeNull();

  const args = ['serve', '--log', log, '--data', join(directory, 'data'), '--trusted-documents', 'trusted.json'];
  const gateway = await startGatewayProcess(args, { cwd: directory });
  onTestFinished(async () => void (await gateway.stop()));
  const connection = createLiveClient({ url: gateway.wsUrl, webSocketImpl: WebSocket });
  const environment = new Environment({
    network: relayNetwork({ url: gateway.url, connection }),
    getDataID: nodeIdOf,
    store: new Store(new RecordSource()),
  });
  const arrival = new Arrival();
  const { shown, close } = mountLive<Songs>(environment, pageSongsQuery, () => arrival.tell());
  onTestFinished(async () => {
    close();
    await connection.dispose();
  });
  const titles = () =>
    shown()
      ?.songs?.map(({ title }) => title)
      .join(' ');
  await arrival.until(() => titles() === 'Amber');
  appendToLog(log, 'songs', [{ key: 'b', value: { title: 'Blue' } }]);
  await arrival.until(() => titles() === 'Amber Blue');
});
