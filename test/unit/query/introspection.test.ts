import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

const hidden = () => createQueryWorld(chartsSchema, { introspection: false });

function messagesOf(world: QueryWorld, query: string, variables?: Record<string, unknown>): readonly string[] {
  return world.refuse({ query, variables }).map(({ message }) => message);
}

test('without introspection nothing tells of the schema, and types are still named', () => {
  const world = hidden();
  for (const query of [
    getIntrospectionQuery(),
    '{ __schema { types { name } } }',
    '{ __type(name: "Song") { name } }',
    '{ songs { id } x: __type(name: "Song") { name } }',
    '{ ...Q } fragment Q on Query { __schema { queryType { name } } }',
    'subscription { __schema { types { name } } }',
  ]) {
    const errors = world.refuse(query);
    expect(new Set(errors.map(({ extensions }) => extensions['code'])), query).toEqual(new Set(['FORBIDDEN']));
    expect(errors[0]?.message).toMatch(/\(setting introspection\).*headgate print-schema/);
  }
  expect(world.run('{ __typename songs { __typename } }')).toMatchObject({ errors: [], data: { __typename: 'Query' } });
});

const misspelt: [query: string, variables?: Record<string, unknown>][] = [
  ['{ song { id } }'],
  ['{ songz { id } }'],
  ['{ songs { titel } }'],
  ['{ songs(wher: {}) { id } }'],
  ['{ songs(where: { titel: { eq: "a" } }) { id } }'],
  ['{ songs(where: { title: { eqq: "a" } }) { id } }'],
  ['{ songs(where: { genre: { eq: ROK } }) { id } }'],
  ['{ songs(orderBy: [{ titel: ASC }]) { id } }'],
  ['{ songs(orderBy: [{ title: ACS }]) { id } }'],
  ['query @atLest { songs { id } }'],
  ['query ($w: SongWher) { songs(where: $w) { id } }'],
  ['{ node(nodeId: "x") { ... on Songs { id } } }'],
  ['{ node(nodeId: "x") { title } }'],
  ['query ($w: SongWhere) { songs(where: $w) { id } }', { w: { titel: { eq: 'a' } } }],
  ['query ($w: SongWhere) { songs(where: $w) { id } }', { w: { title: { eqq: 'a' } } }],
  ['query ($w: SongWhere) { songs(where: $w) { id } }', { w: { labelId: { eq: 'a' } } }],
  ['query ($g: Genre) { songs(where: { genre: { eq: $g } }) { id } }', { g: 'ROK' }],
  ['query ($o: [SongOrderBy!]) { songs(orderBy: $o) { id } }', { o: [{ titel: 'ASC' }] }],
];

test.each(misspelt)('without introspection no mistake is answered with a name: %s %o', (query, variables) => {
  for (const message of messagesOf(hidden(), query, variables)) expect(message).not.toMatch(/did you mean/i);
});

test('with it, misspelt names are answered with the ones they might be', () => {
  const world = createQueryWorld(chartsSchema);
  const suggesting = misspelt.filter(([query, variables]) =>
    messagesOf(world, query, variables).some((message) => /did you mean/i.test(message)),
  );
  expect(suggesting.length).toBeGreaterThan(misspelt.length / 2);
});

test('fewer mistakes are told where nothing is told of the schema', () => {
  const fields = Array.from({ length: 40 }, (_, i) => `nothing${i}`).join(' ');
  expect(hidden().refuse(`{ songs { ${fields} } }`)).toHaveLength(5 + 1);
  expect(createQueryWorld(chartsSchema).refuse(`{ songs { ${fields} } }`)).toHaveLength(20 + 1);
  const list = { w: { and: Array.from({ length: 40 }, () => ({ nothing: 1 })) } };
  const query = 'query ($w: SongWhere) { songs(where: $w) { id } }';
  expect(hidden().refuse(query, list)).toHaveLength(5 + 1);
});
