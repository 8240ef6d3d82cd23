import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { startWriter } from '../../../src/ingest/start-writer.ts';

// As one whose other end, the writer's thread, is gone: it ends before that thread's own end is heard of.
vi.mock('../../../src/ingest/start-decoding.ts', () => ({
  startDecoding: () => ({ port: new MessageChannel().port2, ended: Promise.resolve(undefined) }),
}));

test('where the thread that writes has died it says why, not the one that ended with it', async () => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const source = { kind: 'log', directory: 'log' } as const;
  // From src there is no file that the thread could run: it dies at its start.
  const writer = startWriter({ schema: [], directory: 'data', source, rebuild: [], maxCommitRows: 1 }, log);
  await expect(writer.opened).rejects.toThrow(/^the writer's thread ended: .*writer-thread\.js/);
});
