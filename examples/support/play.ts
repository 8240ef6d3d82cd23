import { setTimeout as pause } from 'node:timers/promises';
import type { Gateway } from '../../src/index.ts';
import { openPublisher } from './publisher.ts';
import type { ExampleOptions, ExampleRecord, Publisher } from './publisher.ts';
import { serve } from './serve.ts';

export interface PlayOptions extends ExampleOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Steps a second; 0: nothing happens. */
  readonly rate: number;
  /** The same seed gives the same records. */
  readonly seed: number;
}

/** Records that somebody makes up as time goes by, a step at a time. */
export interface Play {
  /** The folder of the `.graphql` files. */
  readonly schema: string;
  /** The live query to begin with: GraphiQL opens with it. */
  readonly opening: string;
  /** With the number of partitions that they get in Kafka. */
  readonly topics: Readonly<Record<string, number>>;
  /** The topic that gets a record in every step: how many it has says how far the play is. */
  readonly counted: string;
  /** What is there before anybody looks, so that a first page is not empty. */
  history(seed: number, now: number): readonly ExampleRecord[];
  /** The steps to come. `ask` is the gateway's API: also a producer's way to what the topics hold. */
  resume(seed: number, ask: Ask): Promise<Step>;
}

/** The records of a step that is taken at this time, ms. */
export type Step = (now: number) => readonly ExampleRecord[];

/** The data of a query; throws its errors. */
export type Ask = <T>(query: string) => Promise<T>;

export interface Playing {
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** A log is never trimmed: after this many steps (about 250 MB) the play ends. */
const maxSteps = 1_500_000;

/** The history if it is not there yet, the gateway, and then step after step. */
export async function startPlay(play: Play, options: PlayOptions): Promise<Playing> {
  const publisher = await openPublisher(options, play.topics);
  try {
    if ((await publisher.count(play.counted)) === 0) await publisher.publish(play.history(options.seed, Date.now()));
    const gateway = await serve({ ...options, ...play });
    const stop = new AbortController();
    const playing = goOn(play, publisher, gateway, options, stop.signal);
    playing.catch((cause: unknown) => console.error('the play stopped:', cause));
    return {
      gateway,
      async close() {
        stop.abort();
        await playing.catch(() => {});
        await gateway.close();
        await publisher.close();
      },
    };
  } catch (cause) {
    await publisher.close();
    throw cause;
  }
}

async function goOn(
  { counted, resume }: Play,
  publisher: Publisher,
  gateway: Gateway,
  { rate, seed }: PlayOptions,
  signal: AbortSignal,
): Promise<void> {
  if (rate <= 0) return;
  let steps = await publisher.count(counted);
  const step = await resume(seed + steps, (query) => ask(gateway, query));
  for (; steps < maxSteps && !signal.aborted; steps += 1) {
    await publisher.publish(step(Date.now()));
    // Ends early, by an abort, when the example is closed.
    await pause(1_000 / rate, undefined, { signal }).catch(() => {});
  }
  if (!signal.aborted) {
    console.error(
      `${counted} holds ${maxSteps} records and is never trimmed: no more are added. Delete its folder to start anew.`,
    );
  }
}

async function ask<T>({ url }: Gateway, query: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: readonly { message: string }[] };
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data;
}
