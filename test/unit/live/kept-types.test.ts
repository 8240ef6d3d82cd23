import { describe, expect, test } from 'vitest';
import { defaultQueryLimits } from '../../../src/config/limits.ts';
import { createHub } from '../../../src/live/hub.ts';
import { type Caller, nobody } from '../../../src/model/caller.ts';
import { createQueryEngine } from '../../../src/query/engine.ts';
import type { Prepared } from '../../../src/query/query.ts';
import { idle, Listener, liveLimits, quiet } from '../../support/live-world.ts';
import { createRandom, seedFromEnvironment, type Random } from '../../support/random.ts';
import { createRowsWorld, type Rows } from '../../support/rows-world.ts';

/** `random.test.ts` and `kept.test.ts` listen from the beginning, to small whole numbers and short texts. */
const schema = `
enum Grade { LOW MID HIGH }
type Thing @table(topic: "things") @limit(max: 100) @index(fields: "amount big") @index(fields: "grade at")
  @auth(rules: [{ roles: ["admin"] }, { where: { ownerId: { eq: "$jwt.sub" } } }, { where: { flag: { eq: true } } }]) {
  id: ID!
  amount: Decimal
  big: BigInt
  real: Float
  at: DateTime
  flag: Boolean
  grade: Grade
  text: String @index
  plain: String
  ownerId: ID @index
  owner: Owner @relation(fields: ["ownerId"])
}
type Owner @table(topic: "owners") {
  id: ID!
  name: String
  things: [Thing!]! @relation(references: ["ownerId"])
}
`;

/** Equal ones that are written differently, neighbours, and what numbers and cut index entries cannot tell apart. */
const pools = {
  amount: ['1', '1.0', '1.00', '0', '-0', '0.1', '0.10', '-1', '9007199254740993', '9007199254740992.5', null],
  big: ['9007199254740992', '9007199254740993', '-9007199254740993', '9223372036854775807', '0', null],
  real: [0, -0, 1.5, 1e300, -1e-300, null],
  at: ['2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z', '1969-12-31T23:59:59.999999Z', null],
  flag: [true, false, null],
  grade: ['HIGH', 'LOW', 'MID', null],
  text: [...['x', 'y', ''].map((end) => 'a'.repeat(600) + end), 'a'.repeat(512), 'a'.repeat(511), '', null],
  plain: ['', 'a', 'ab', '\u{10000}', '\uffff', null],
  ownerId: ['ann', 'bob', 'eve', null],
} as const;
type Name = keyof typeof pools;
const names = Object.keys(pools) as Name[];
const ids = Array.from({ length: 24 }, (_, i) => `t${i}`);
const owners = ['ann', 'bob', 'eve'];

function randomRows(random: Random): Rows {
  const things: Record<string, Record<string, unknown> | null> = {};
  for (let left = random.pick([1, 1, 2, 8]); left > 0; left -= 1) {
    const thing = Object.fromEntries(names.map((name) => [name, random.pick<unknown>(pools[name])]));
    things[random.pick(ids)] = random.int(4) === 0 ? null : thing;
  }
  const owner = random.int(4) === 0 ? { [random.pick(owners)]: random.pick([null, { name: 'n' }, { name: 'm' }]) } : {};
  return { Thing: things, Owner: owner };
}

type Where = Record<string, unknown>;

function randomWhere(random: Random, depth: number): Where {
  if (depth > 0 && random.int(3) === 0) {
    const parts = Array.from({ length: 1 + random.int(3) }, () => randomWhere(random, depth - 1));
    return random.pick([{ or: parts }, { and: parts }, { not: parts[0] }]);
  }
  if (random.int(8) === 0) return { owner: { name: random.pick([{ eq: 'n' }, { neq: 'n' }, { isNull: true }]) } };
  const name = random.pick(names);
  const some = (): unknown => random.pick<unknown>(pools[name].filter((value) => value !== null));
  const compares = name !== 'flag' && name !== 'grade' && name !== 'ownerId';
  const kinds = [
    'eq',
    'isNull',
    'neq',
    ...(name === 'flag' ? [] : ['in']),
    ...(compares ? ['gt', 'gte', 'lt', 'lte', 'between', 'between'] : []),
  ];
  const kind = random.pick([...kinds, ...(name === 'text' || name === 'plain' ? ['startsWith'] : [])]);
  switch (kind) {
    case 'in':
      return { [name]: { in: Array.from({ length: random.int(4) }, some) } };
    case 'isNull':
      return { [name]: { isNull: random.int(2) === 0 } };
    case 'between':
      return { [name]: { [random.pick(['gt', 'gte'])]: some(), [random.pick(['lt', 'lte'])]: some() } };
    case 'startsWith':
      return { [name]: { startsWith: random.pick(['', 'a', 'a'.repeat(512), 'a'.repeat(600), '\u{10000}']) } };
    default:
      return { [name]: { [kind]: some() } };
  }
}

function randomOrder(random: Random): readonly Where[] {
  const directions = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'DESC_NULLS_LAST'];
  return Array.from({ length: random.int(3) }, () => ({ [random.pick(names)]: random.pick(directions) }));
}

const fields = 'id amount big real at grade text plain';
const documents = [
  'subscription ($w: ThingWhere, $o: [ThingOrderBy!]) { owners(where: { things: { some: $w } }) { id things(where: $w, orderBy: $o, limit: 2) { id real } } }',
  'subscription ($w: ThingWhere) { ownersConnection(where: { not: { things: { every: $w } } }, first: 2) { totalCount nodes { id } } }',
  `subscription ($w: ThingWhere, $o: [ThingOrderBy!], $l: Int!, $f: Int!) { things(where: $w, orderBy: $o, limit: $l, offset: $f) { ${fields} } }`,
  `subscription ($w: ThingWhere, $o: [ThingOrderBy!], $l: Int!, $f: Int!) { things(where: $w, orderBy: $o, limit: $l, offset: $f) { id owner { name } } }`,
  'subscription ($w: ThingWhere) { thingsConnection(where: $w, first: 1) { totalCount } }',
  `subscription ($w: ThingWhere, $o: [ThingOrderBy!], $n: Int!, $after: String) {
     thingsConnection(where: $w, orderBy: $o, first: $n, after: $after) { totalCount nodes { ${fields} } pageInfo { hasNextPage } }
   }`,
  `subscription ($w: ThingWhere, $o: [ThingOrderBy!], $n: Int!, $after: String) {
     thingsConnection(where: $w, orderBy: $o, last: $n, before: $after) { nodes { id } pageInfo { hasPreviousPage } }
   }`,
  'subscription ($w: ThingWhere, $o: [ThingOrderBy!]) { owners(orderBy: [{ name: DESC }], limit: 2) { id things(where: $w, orderBy: $o, limit: 2) { id } } }',
];

const callers = [...owners, 'root'].map((name): Caller => {
  const roles = new Set(name === 'root' ? ['admin'] : []);
  return { ...nobody, id: name, identified: true, roles, claims: { sub: name } };
});

function open() {
  const rows = createRowsWorld(schema, { closing: () => hub.close() });
  const { catalog, work, store } = rows;
  const engine = createQueryEngine({ catalog, work, limits: defaultQueryLimits });
  const hub = createHub({ store, engine, tables: catalog.tables, progress: () => idle, limits: liveLimits });
  const prepare = (query: string, variables: Where, caller: Caller): Prepared => {
    const prepared = engine.prepare({ query, variables }, caller);
    if ('kind' in prepared) return prepared;
    throw new Error(prepared.map(String).join('; '));
  };
  const pull = (prepared: Prepared) => {
    const snapshot = store.snapshot();
    try {
      return engine.execute(prepared, { snapshot, reader: snapshot, progress: idle });
    } finally {
      snapshot.release();
    }
  };
  return { ...rows, hub, prepare, pull };
}

type World = ReturnType<typeof open>;

function randomSubscription(random: Random, { prepare, pull }: World): Prepared {
  const caller = random.pick(callers);
  const orderBy = randomOrder(random);
  const edges = prepare(
    'query ($o: [ThingOrderBy!]) { thingsConnection(first: 9, orderBy: $o) { edges { cursor } } }',
    { o: orderBy },
    caller,
  );
  const page = JSON.parse(pull(edges).data) as { thingsConnection: { edges: readonly { cursor: string }[] } };
  const variables = {
    w: random.int(6) === 0 ? {} : randomWhere(random, 2),
    o: orderBy,
    l: random.pick([0, 1, 2, 3, 30]),
    f: random.pick([0, 0, 1, 4]),
    n: random.pick([1, 2, 5]),
    after: random.pick([null, ...page.thingsConnection.edges])?.cursor ?? null,
  };
  const query = random.pick(documents);
  const known = Object.entries(variables).filter(([name]) => query.includes(`$${name}:`));
  return prepare(query, Object.fromEntries(known), caller);
}

const firstSeed = seedFromEnvironment();
console.log(`live/kept-types: HEADGATE_SEED=${firstSeed}`);

describe.each(Array.from({ length: 3 }, (_, at) => firstSeed + at))('seed %i', (seed) => {
  test('live queries that come and go are pull queries, whatever the types of what they ask for', async () => {
    const random = createRandom(seed);
    const world = open();
    let listening: { readonly prepared: Prepared; readonly listener: Listener }[] = [];
    const come = (): void => {
      const prepared = randomSubscription(random, world);
      for (let alike = random.pick([1, 1, 4]); alike > 0; alike -= 1) {
        const listener = new Listener();
        listener.subscription = world.hub.subscribe(prepared, listener);
        listening.push({ prepared, listener });
      }
    };
    const go = (): void => {
      const { prepared } = random.pick(listening);
      // Of those that are alike some, or all.
      const gone = new Set(listening.filter((each) => each.prepared === prepared && random.int(4) > 0));
      for (const { listener } of gone) listener.stop();
      listening = listening.filter((each) => !gone.has(each));
    };
    const check = async (): Promise<void> => {
      for (const { listener } of listening) listener.release();
      world.hub.wake();
      for (const { prepared, listener } of listening) {
        const { data, errors, position } = world.pull(prepared);
        while (listener.subscription?.position() !== position) await quiet();
        expect(JSON.stringify(listener.last.data), said(seed, prepared)).toBe(JSON.stringify(JSON.parse(data)));
        expect(listener.last.errors, said(seed, prepared)).toEqual(errors && JSON.parse(errors));
        const versions = listener.frames.map(({ version }) => version ?? 0);
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }
    };
    world.commit(randomRows(random));
    for (let step = 0; step < 60; step += 1) {
      const acts: readonly (() => unknown)[] = [
        come,
        come,
        () => listening.length > 0 && go(),
        () => world.commit(randomRows(random)),
        () => world.commit(randomRows(random)),
        () => world.hub.wake(),
        quiet,
        () => listening.length > 0 && random.pick(listening).listener.hold(),
      ];
      for (let left = 4; left > 0; left -= 1) await random.pick(acts)();
      while (listening.length > 40) go();
      if (step % 2 === 0) await check();
    }
    await check();
    for (const { listener } of listening) listener.stop();
    expect(world.hub.counts()).toMatchObject({ shapes: 0, subscribers: 0 });
  });
});

function said(seed: number, { operation, variables }: Prepared): string {
  return `seed ${seed}: ${operation.loc?.source.body} ${JSON.stringify(variables, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`;
}
