import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { makeOrder } from './orders.ts';
import { startServers } from './processes.ts';
import { subscribeAll } from './subscribers.ts';

const sockets = 500;
const queriesEach = 10;
const idleSockets = 2_000;
const idleQueriesEach = 25;
const seconds = 8;
/** Changes are appended so often, as many as are due. */
const tickMs = 10;
const query = 'subscription ($id: ID!) { order(id: $id) { id customerId status total createdAt note } }';

/**
 * 5,000 different live queries over 500 sockets, each changing once a second: what a frame takes of the server's processor, and how
 * long after its record was appended it comes. And what idle sockets and idle live queries take of memory. There is nothing to
 * compare it with: it is reported, and not kept.
 */
export async function reportLiveLoad(print: (line: string) => void): Promise<void> {
  await reportLoad(print);
  await reportMemory(print);
}

async function reportLoad(print: (line: string) => void): Promise<void> {
  const orders = sockets * queriesEach;
  const { headgate, change, close } = await startServers(orders);
  const subscribers = [];
  for (let socket = 0; socket < sockets; socket += 1) {
    const subscriptions = Array.from({ length: queriesEach }, (_, n) => ({
      query,
      variables: { id: makeOrder(socket * queriesEach + n, 0, orders).id },
    }));
    subscribers.push(await subscribeAll(headgate.url, 1, subscriptions));
  }
  const appended = new Map<string, number>();
  const latencies: number[] = [];
  let frames = 0;
  for (const each of subscribers) {
    each.onMessage = (data) => {
      const now = performance.now();
      frames += 1;
      const found = /"note":"(revision \d+ of an order like any other, number \d+)"/.exec(data.toString())?.[1];
      const at = found === undefined ? undefined : appended.get(found);
      if (at !== undefined) latencies.push(now - at);
    };
  }
  const cpuBefore = await headgate.cpuMs();
  const start = performance.now();
  let made = 0;
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs = performance.now() - start) {
    const due = Math.floor((nowMs * orders) / 1_000) - made;
    const changed = Array.from({ length: due }, (_, n) =>
      makeOrder((made + n) % orders, 1 + Math.floor((made + n) / orders), orders),
    );
    for (const { note } of changed) appended.set(note, performance.now());
    if (due > 0) await change(changed);
    made += due;
    await pause(tickMs);
  }
  const [cpuMs, wallMs] = [(await headgate.cpuMs()) - cpuBefore, performance.now() - start];
  await pause(500);
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? NaN).toPrecision(3);
  print(
    `live-load: ${orders.toLocaleString('en')} live queries over ${sockets} sockets, each changing once a second: ` +
      `${((cpuMs * 1_000) / frames).toPrecision(3)} processor µs a frame (all threads, ingest included), ` +
      `${((100 * cpuMs) / wallMs).toPrecision(3)} % of one core, ${at(0.5)} ms from the append to the client (p99 ${at(0.99)} ms)`,
  );
  for (const each of subscribers) each.close();
  await close();
}

async function reportMemory(print: (line: string) => void): Promise<void> {
  const orders = idleSockets * idleQueriesEach;
  const { headgate, close } = await startServers(orders);
  const before = await residentBytes(headgate.pid);
  const bare = await subscribeAll(headgate.url, idleSockets, []);
  await pause(1_000);
  const connected = await residentBytes(headgate.pid);
  bare.close();
  await pause(1_000);
  const again = await residentBytes(headgate.pid);
  const subscribers = [];
  for (let socket = 0; socket < idleSockets; socket += 1) {
    const subscriptions = Array.from({ length: idleQueriesEach }, (_, n) => ({
      query,
      variables: { id: makeOrder(socket * idleQueriesEach + n, 0, orders).id },
    }));
    subscribers.push(await subscribeAll(headgate.url, 1, subscriptions));
  }
  await pause(2_000);
  const subscribed = await residentBytes(headgate.pid);
  const perSocket = (connected - before) / idleSockets;
  const perQuery = (subscribed - again) / (idleSockets * idleQueriesEach);
  print(
    `live-memory: ${kib(perSocket)} KiB a connection (${idleSockets} of them), ${kib(perQuery)} KiB an idle live query of one row ` +
      `with its part of the connection (${(idleSockets * idleQueriesEach).toLocaleString('en')} of them, ${idleQueriesEach} a socket); growth of the process, garbage included`,
  );
  for (const each of subscribers) each.close();
  await close();
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024;
}

function kib(bytes: number): string {
  return (bytes / 1_024).toPrecision(3);
}
