import cluster from 'node:cluster';
import { createInterface } from 'node:readline';
import { readFileSync, readdirSync } from 'node:fs';
import type { Log } from '../../src/common/log.ts';
import { Crew } from '../../src/workers/crew.ts';
import type { Opening, ToPrimary, ToWorker } from '../../src/workers/messages.ts';

/**
 * A primary of serving processes that serve nothing, and do what it reads: a command a line, answered by one.
 *
 *   tsx crew-child.ts PATIENCE_MS     prints `ready`
 */
const opening: Opening = {
  kind: 'open',
  schema: [],
  port: 0,
  progress: { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() },
  revocations: [],
};

function work(): void {
  // The primary may be killed meanwhile.
  const send = (message: ToPrimary): void => void process.send?.(message, undefined, undefined, () => {});
  process.once('SIGTERM', () => send({ kind: 'leaving' }));
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'open') send({ kind: 'serving', url: 'http://127.0.0.1/graphql' });
    if (message.kind === 'metrics') send({ kind: 'answer', ask: message.ask, value: 'well' });
    if (message.kind === 'drain' && process.connected) process.disconnect();
  });
  send({ kind: 'joined' });
}

async function lead(patienceMs: number): Promise<void> {
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const log: Log = { info: note, warn: note, error: note };
  const crew = new Crew({ size: 2, opening: () => opening, log, patienceMs });
  await crew.start();
  const pids = (): number[] => Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? []);
  const commands: Readonly<Record<string, () => unknown>> = {
    pids,
    log: () => lines,
    /** One is killed, and told before anybody here can have learned of its end. */
    tellTheDead() {
      const [first = 0] = pids();
      process.kill(first, 'SIGKILL');
      while (!hasEnded(first));
      crew.tell({ kind: 'committed' });
      crew.tell({ kind: 'progress', progress: opening.progress });
    },
    /** The others' answers. */
    async askTheSilent() {
      const [first = 0] = pids();
      process.kill(first, 'SIGSTOP');
      const answers = await crew.ask(
        (ask) => ({ kind: 'metrics', ask }),
        (worker) => worker.process.kill('SIGKILL'),
      );
      return [...answers.values()];
    },
    restarts: () => Promise.all([crew.restart(), crew.restart(), crew.restart()]).then(() => 'new'),
    async close() {
      process.kill(pids()[0] ?? 0, 'SIGSTOP');
      await crew.close();
    },
  };
  console.log('"ready"');
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify((await commands[line]?.()) ?? null));
  }
}

/** Its files are closed, which the last of its threads does, and nobody has been told. */
function hasEnded(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).length === 1 && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
}

if (cluster.isWorker) work();
else await lead(Number(process.argv[2]));
