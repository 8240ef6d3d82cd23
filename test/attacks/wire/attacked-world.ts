import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import { createServerWorld, type ServerWorld, type ServerWorldOptions } from '../../support/server-world.ts';

/** A server that is attacked: whom anybody may read and whom only its owner may, and times that a test can wait for. */
export interface AttackedWorld extends ServerWorld {
  /** Nothing was read or evaluated since it was made; nothing is left open; and it answers as before. */
  isUnharmed(): Promise<void>;
  /** Nothing is left open; and it answers as before. */
  isQuiet(): Promise<void>;
}

const schema = `
type Genre @table(topic: "genres") @auth(public: true) { id: ID! }
type Song @table(topic: "songs") @auth(rules: [{ where: { owner: { eq: "$jwt.sub" } } }]) { id: ID! owner: ID! @index }
`;

export async function createAttackedWorld(options: ServerWorldOptions = {}): Promise<AttackedWorld> {
  const world = await createServerWorld(schema, {
    introspection: false,
    allowedOrigins: ['https://shop.example'],
    metricsPort: 0,
    ...options,
    limits: { initTimeoutMs: 1_000, requestTimeoutMs: 1_000, maxRequestsPerSecond: 100_000, ...options.limits },
  });
  world.commit({ Genre: { pop: {}, rock: {} }, Song: { a: { owner: 'u1' }, b: { owner: 'u2' } } });
  const before = { ...world.work };

  async function open(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`http://127.0.0.1:${world.server.metricsPort()}/metrics`)).text();
    const gauges = [...text.matchAll(/^(headgate_(?:sockets|event_streams|sessions))(?:\{[^}]*\})? (\d+)/gm)];
    expect(gauges).toHaveLength(3);
    return Object.fromEntries(gauges.map(([, name = '', value]) => [name, Number(value)]));
  }

  async function isQuiet(): Promise<void> {
    const answer = await world.query('{ genres { id } }');
    expect(answer.data).toEqual({ genres: [{ id: 'pop' }, { id: 'rock' }] });
    await until(async () => Object.values(await open()).every((left) => left === 0));
    expect(world.hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
  }

  return {
    ...world,
    isQuiet,
    async isUnharmed() {
      const { rowsRead, indexEntriesRead, predicatesTested, shapesEvaluated, framesSent } = world.work;
      expect({ rowsRead, indexEntriesRead, predicatesTested, shapesEvaluated, framesSent }).toEqual({
        rowsRead: before.rowsRead,
        indexEntriesRead: before.indexEntriesRead,
        predicatesTested: before.predicatesTested,
        shapesEvaluated: before.shapesEvaluated,
        framesSent: before.framesSent,
      });
      await isQuiet();
    },
  };
}
