import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../../../src/common/errors.ts';
import { defaultQueryLimits } from '../../../src/config/limits.ts';
import type { Caller } from '../../../src/model/caller.ts';
import { createQueryEngine } from '../../../src/query/engine.ts';
import { noFacts } from '../../../src/query/facts.ts';
import type { OperationRequest, Prepared, QueryEngine } from '../../../src/query/query.ts';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestGateway } from '../../../src/testing.ts';
import { idleProgress } from '../../support/query-world.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';

/** Rules over a claim, a list of a claim's, a nested claim, roles, columns, relations, and other tables' rows. */
const schema = `
type Team @table(topic: "teams") @auth(rules: [{ where: { members: { some: { id: { eq: "$jwt.sub" } } } } }, { roles: ["all"] }]) {
  id: ID!
  name: String!
  budget: Int @auth(rules: [{ roles: ["finance"] }, { where: { id: { eq: "$jwt.org.team" } } }])
  members: [Member!]! @relation(references: ["teamId"]) @auth(rules: [{ roles: ["all"] }, { where: { id: { in: "$jwt.teams" } } }])
}
type Member @table(topic: "members") @auth(rules: [{ where: { teamId: { in: "$jwt.teams" } } }, { roles: ["all"] }]) {
  id: ID!
  teamId: ID! @index
  level: Int! @index
  email: String @auth(rules: [{ where: { id: { eq: "$jwt.sub" } } }])
  phone: String @auth(rules: [{ where: { team: { name: { gt: "" } } } }])
  team: Team @relation(fields: ["teamId"])
}
type Note @table(topic: "notes") @auth(public: true) {
  id: ID!
  text: String @auth(rules: [{ where: { member: { level: { gte: 0 } } } }])
  memberId: ID!
  member: Member @relation(fields: ["memberId"])
}
type Open @table(topic: "open") @auth(public: true) { id: ID! memberId: ID! member: Member @relation(fields: ["memberId"]) }
`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway({ schema });
  await gateway.produce(
    Array.from({ length: 4 }, (_, i) => [
      { topic: 'teams', key: `${i}`, value: { name: `team ${i}`, budget: i } },
      ...[0, 1, 2].map((n) => ({
        topic: 'members',
        key: `${i}${n}`,
        value: { teamId: `${i}`, level: n, email: `${i}${n}@x.test` },
      })),
      { topic: 'open', key: `${i}`, value: { memberId: `${i}1` } },
      { topic: 'notes', key: `${i}`, value: { memberId: `${i}1`, text: 'a' } },
    ]).flat(),
  );
});
afterAll(() => gateway.close());

function createEngine(compiled: boolean): QueryEngine {
  const { catalog, work } = gateway;
  return createQueryEngine({
    catalog,
    work,
    compiled,
    // Operators alone are told which release it is.
    introspection: false,
    limits: defaultQueryLimits,
    validationRules: [],
    facts: { ...noFacts, isOperator: ({ roles }) => roles.has('operator') },
  });
}

const documents = [
  'query ($id: ID!) { member(id: $id) { id email team { name budget } } }',
  'query ($level: Int) { members(where: { level: { gte: $level } }) { id email } }',
  'query ($where: MemberWhere) { members(where: $where, limit: 2) { id team { id members { id } } } }',
  // The rule of its text reads members whoever asks, a filter of the caller's only those that it may read.
  'query ($note: NoteWhere) { notes(where: $note) { id } }',
  '{ members { id email level } }',
  '{ teams(orderBy: { name: DESC }) { id budget members { id } } }',
  '{ opens { id member { id email } } }',
  '{ membersConnection(first: 2) { totalCount edges { cursor } pageInfo { hasNextPage } } }',
  '{ _meta { release reason tables { name rows phase } } }',
  'query ($id: ID!) { node(nodeId: $id) { __typename nodeId } }',
];

const nodeId = (table: string, key: string) => Buffer.from(JSON.stringify([table, key])).toString('base64url');

function drawRequest(random: Random): OperationRequest {
  const where = [{ team: { budget: { gte: 1 } } }, { level: { eq: 1 } }, { email: { isNull: true } }, {}, null];
  return {
    query: random.pick(documents),
    variables: {
      id: random.pick(['11', '21', nodeId('Member', '11'), nodeId('Team', '1'), nodeId('Open', '1')]),
      level: random.int(3),
      where: random.pick(where),
      note: random.pick([
        {},
        { text: { eq: 'a' } },
        { member: { level: { eq: 1 } } },
        { member: { phone: { eq: '1' } } },
      ]),
    },
  };
}

/** An object of its own each time, as `authenticate` may give. */
function drawCaller(random: Random): Caller {
  const claims = {
    ...(random.int(6) > 0 && { sub: random.pick(['11', '21', 'nobody']) }),
    ...(random.int(6) > 0 && { teams: random.pick([['1'], ['2'], ['1', '2'], ['2', '1'], [], '1', null]) }),
    ...(random.int(3) > 0 && { org: random.pick<unknown>([{ team: '1' }, { team: 1 }, { team: '2' }, {}, '1']) }),
    // No rule reads it.
    session: random.int(1_000_000),
  };
  const roles = new Set(['all', 'finance', 'operator', 'other'].filter(() => random.int(4) === 0));
  return { identified: random.int(10) > 0, claims, roles, id: 'same' };
}

test('whoever asked before, an answer is that of an engine that knows nobody', () => {
  const seed = seedFromEnvironment();
  const random = createRandom(seed);
  const [engine, other] = [createEngine(true), createEngine(false)];
  let data = 0;
  for (let i = 0; i < 400; i += 1) {
    const request = drawRequest(random);
    const caller = drawCaller(random);
    const shown = JSON.stringify({ seed, i, request, caller: { ...caller, roles: [...caller.roles] } });
    const answer = answerOf(engine, request, caller);
    expect(answer, shown).toEqual(answerOf(other, request, caller));
    if (answer.text?.startsWith('{') === true) data += 1;
  }
  console.log(`templates: seed ${seed}, ${data} answers with data`);
  expect(data).toBeGreaterThan(100);
});

function answerOf(engine: QueryEngine, request: OperationRequest, caller: Caller) {
  const prepared = engine.prepare(request, caller);
  if (!('kind' in prepared)) return { errors: prepared.map((error) => error.toJSON()) };
  const snapshot = gateway.store.snapshot();
  try {
    const {
      data: text,
      errors,
      position,
    } = engine.execute(prepared, { snapshot, reader: snapshot, progress: idleProgress });
    return { text, errors, position, shape: prepared.shapeId, tables: prepared.tables, grants: prepared.grants };
  } finally {
    snapshot.release();
  }
}

/** Of an operation without variables there is one plan for all who share it. */
function planOf(engine: QueryEngine, query: string, claims: Caller['claims'], roles: readonly string[] = []): unknown {
  const prepared = engine.prepare({ query }, { identified: true, claims, roles: new Set(roles), id: 'same' });
  return must('plans' in prepared ? (prepared as Prepared & { readonly plans: unknown }).plans : undefined, 'a plan');
}

test('callers whose rules read the same of them share a plan, and no others', () => {
  const engine = createEngine(true);
  const members = '{ members { id email } }';
  const plan = planOf(engine, members, { sub: '11', teams: ['1'], session: 1 });
  expect(planOf(engine, members, { sub: '11', teams: ['1'], session: 2 }, ['other'])).toBe(plan);
  const others = [
    planOf(engine, members, { sub: '11', teams: ['2'] }),
    planOf(engine, members, { sub: '21', teams: ['1'] }),
    planOf(engine, members, { sub: '11', teams: ['1'] }, ['all']),
    planOf(engine, members, { sub: '11', teams: ['1', '2'] }),
    planOf(engine, members, { teams: ['1'] }),
  ];
  expect(new Set([plan, ...others]).size).toBe(others.length + 1);
  // Each is remembered beside the others.
  expect(planOf(engine, members, { sub: '21', teams: ['1'], session: 3 })).toBe(others[1]);
  const meta = '{ _meta { release } }';
  const told = planOf(engine, meta, { sub: '11', teams: ['1'] });
  expect(planOf(engine, meta, { sub: '11', teams: ['1'] }, ['operator'])).not.toBe(told);
  expect(planOf(engine, meta, { sub: '11', teams: ['1'] }, ['other'])).toBe(told);
});

test('a variable that asks of another table what the caller may read of it tells callers apart', () => {
  const engine = createEngine(true);
  const shapeOf = (teams: readonly string[], note: unknown): unknown => {
    const request = { query: 'subscription ($note: NoteWhere) { notes(where: $note) { id } }', variables: { note } };
    const prepared = engine.prepare(request, { identified: true, claims: { teams }, roles: new Set(), id: 'same' });
    return 'kind' in prepared ? [prepared.shapeId, prepared.grants] : prepared;
  };
  const others = { member: { level: { eq: 1 } } };
  const text = { text: { eq: 'a' } };
  expect(shapeOf(['1'], text)).toEqual(shapeOf(['2'], text));
  expect(shapeOf(['1'], others)).not.toEqual(shapeOf(['2'], others));
  expect(shapeOf(['1'], others)).toEqual(shapeOf(['1'], others));
});
