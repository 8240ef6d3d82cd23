import cluster from 'node:cluster';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { readFileSync, readdirSync } from 'node:fs';
import type { Log } from '../../src/common/log.ts';
import { Crew } from '../../src/workers/crew.ts';
import type { Opening, ToPrimary, ToWorker } from '../../src/workers/messages.ts';
import { PrimaryLink } from '../../src/workers/primary-link.ts';
import { until } from './until.ts';

/**
 * A primary of serving processes, which does what it reads: a command a line, answered by one. The processes serve nothing, or with
 * `http` their process ids.
 *
 *   tsx crew-child.ts PATIENCE_MS [http]     prints `ready`
 */
const opening: Opening = {
  kind: 'open',
  schema: [],
  port: 0,
  progress: { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() },
  revocations: [],
};

/** The variable with which one does not come to serve, and does not end. */
const hangs = 'CREW_CHILD_HANGS';

function work(): void {
  // The primary may be killed meanwhile.
  const send = (message: ToPrimary): void => void process.send?.(message, undefined, undefined, () => {});
  process.once('SIGTERM', () => send({ kind: 'leaving' }));
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'open' && process.env[hangs] === undefined) {
      send({ kind: 'serving', url: 'http://127.0.0.1/graphql' });
    }
    if (message.kind === 'metrics') send({ kind: 'answer', ask: message.ask, value: 'well' });
    if (message.kind === 'drain' && process.connected) process.disconnect();
  });
  send({ kind: 'joined' });
}

/** As `runWorker`, with the smallest of servers in place of a gateway; it prints when that is closed. */
async function serve(): Promise<void> {
  const primary = new PrimaryLink();
  const ending = primary.toldToEnd();
  await primary.opening();
  const server = createServer((_, response) => void response.setHeader('connection', 'close').end(String(process.pid)));
  server.listen(opening.port, '127.0.0.1', () => {
    primary.send({ kind: 'serving', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  });
  await ending;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  console.log('"closed"');
  await primary.parted();
  primary.leave();
}

async function lead(patienceMs: number): Promise<void> {
  const lines: string[] = [];
  const note: Log['info'] = (message, facts) => void lines.push(`${message}: ${String(facts?.['reason'])}`);
  const log: Log = { info: note, warn: note, error: note };
  const options = { size: 2, opening: () => opening, log, patienceMs, startMs: 60_000 };
  const crew = new Crew(options);
  const url = await crew.start();
  const pids = (): number[] => Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? []);
  const commands: Readonly<Record<string, () => unknown>> = {
    pids,
    url: () => url,
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
        (member) => member.kill(),
      );
      return [...answers.values()];
    },
    /** The first is told to end, and has not heard of it. */
    async drainsTheStopped() {
      const [first = 0] = pids();
      process.kill(first, 'SIGSTOP');
      void crew.restart();
      await until(() => crew.serving === 3);
      await until(() => crew.serving === 2);
      return first;
    },
    /** Those that are started from now on hang, and have little time. */
    startsHanging() {
      process.env[hangs] = 'yes';
      options.startMs = 50;
    },
    startsWell() {
      delete process.env[hangs];
      options.startMs = 60_000;
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

if (cluster.isWorker) await (process.argv[3] === 'http' ? serve() : work());
else await lead(Number(process.argv[2]));
