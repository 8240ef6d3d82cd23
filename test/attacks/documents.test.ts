import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import type { Work } from '../../src/common/work.ts';
import { defaultLiveLimits, defaultQueryLimits, defaultServerLimits } from '../../src/config/limits.ts';
import { createHub } from '../../src/live/hub.ts';
import type { Hub } from '../../src/live/live.ts';
import type { OperationRequest, Prepared } from '../../src/query/query.ts';
import { limitRules } from '../../src/server/limits.ts';
import { resolveDocument } from '../../src/server/trusted-documents.ts';
import { chartsSchema } from '../support/charts.ts';
import { createQueryWorld, idleProgress } from '../support/query-world.ts';
import type { QueryWorld } from '../support/query-world.ts';
import { attacks } from './documents.ts';
import type { Attack } from './document-attack.ts';

/** More than `scanLimit`, and in every table. */
const songs = 12_000;

interface AttackedWorld extends QueryWorld {
  readonly hub: Hub;
}

function createAttackedWorld(): AttackedWorld {
  const world = createQueryWorld(chartsSchema, {
    introspection: false,
    // As long as it takes to find out, and not longer.
    limits: { maxRowsRead: 2 * songs },
    validationRules: limitRules(defaultServerLimits),
  });
  const { engine, store, catalog } = world;
  const hub = createHub({
    store,
    engine,
    tables: catalog.tables,
    progress: () => idleProgress,
    limits: defaultLiveLimits,
  });
  onTestFinished(() => hub.close());
  world.write(
    'Artist',
    Array.from({ length: 100 }, (_, i) => ({ id: `a${i}`, name: `Artist ${i}` })),
  );
  world.write(
    'Song',
    Array.from({ length: songs }, (_, i) => ({
      id: `s${i}`,
      title: `Song ${i}`,
      genre: 'ROCK',
      artistId: `a${i % 100}`,
      plays: i,
      price: `${i}.5`,
      tags: [],
      updatedAt: 0,
    })),
  );
  world.write('Secret', [{ id: '1', songId: 's1' }]);
  return { ...world, hub };
}

interface Outcome {
  readonly code: unknown;
  /** The text of whatever is sent back. */
  readonly text: string;
  /** False: it was not even run. */
  readonly ran: boolean;
}

/** What every transport does with a request, with the transports left out. */
async function ask(world: AttackedWorld, { request }: Attack): Promise<Outcome> {
  const resolved = resolveDocument(request as OperationRequest, undefined);
  const prepared = resolved instanceof GraphQLError ? [resolved] : world.engine.prepare(resolved);
  if (!('kind' in prepared)) {
    return { code: prepared[0]?.extensions['code'], text: JSON.stringify(prepared), ran: false };
  }
  const late = prepared.atLeast === undefined ? undefined : await world.hub.arrived(prepared);
  if (late !== undefined) return { code: late.extensions['code'], text: JSON.stringify(late), ran: false };
  if (prepared.kind !== 'query') return listen(world.hub, prepared);
  return world.read((snapshot) => {
    const { data, errors } = world.engine.execute(prepared, { snapshot, reader: snapshot, progress: idleProgress });
    return { code: firstCode(errors), text: data + (errors ?? ''), ran: true };
  });
}

/** The first frame of a subscription; of a change stream that waits for changes there is none. */
async function listen(hub: Hub, prepared: Prepared): Promise<Outcome> {
  let text = '';
  const subscription = hub.subscribe(prepared, {
    send: (frame, done) => {
      text ||= frame;
      done();
    },
    complete: () => {},
  });
  for (let turn = 0; turn < 20 && text === ''; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  subscription.stop();
  const { errors } = (text === '' ? {} : JSON.parse(text)) as { errors?: unknown };
  return { code: firstCode(errors === undefined ? undefined : JSON.stringify(errors)), text, ran: true };
}

function firstCode(errors: string | undefined): unknown {
  if (errors === undefined) return null;
  return (JSON.parse(errors) as readonly { extensions: { code: unknown } }[])[0]?.extensions.code;
}

test('every attack is answered as it should be, and refused before anything is done', async () => {
  const world = createAttackedWorld();
  const wrong: unknown[] = [];
  const times: { name: string; ms: number }[] = [];
  for (const attack of attacks) {
    const before: Work = { ...world.work };
    const startMs = performance.now();
    const { code, text, ran } = await ask(world, attack);
    times.push({ name: attack.name, ms: performance.now() - startMs });
    const { name } = attack;
    if (code !== attack.code) wrong.push({ name, expected: attack.code, got: code, text: text.slice(0, 300) });
    // However large the request is, and however much it asks for.
    if (text.length > 20_000) wrong.push({ name, answered: `${text.length} characters` });
    if (code === 'INTERNAL') wrong.push({ name, text });
    const read = world.work.rowsRead - before.rowsRead + (world.work.indexEntriesRead - before.indexEntriesRead);
    if (!ran && JSON.stringify(world.work) !== JSON.stringify(before)) wrong.push({ name, read });
    if (read > 3 * defaultQueryLimits.scanLimit) wrong.push({ name, read });
  }
  expect(wrong).toEqual([]);
  expect(world.failures).toEqual([]);
  const slowest = times.toSorted((a, b) => b.ms - a.ms).slice(0, 8);
  console.log(
    `${attacks.length} attacks; slowest: ${slowest.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`,
  );
});

test('nothing is left behind in what all objects share', async () => {
  const world = createAttackedWorld();
  for (const attack of attacks) await ask(world, attack);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

test('attacks have names of their own, and there are enough of them', () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThanOrEqual(120);
  // As data: what JSON does not carry is no request.
  for (const { name, request } of attacks) {
    expect(JSON.parse(JSON.stringify(request)), name).toEqual(JSON.parse(JSON.stringify(request)));
  }
});
