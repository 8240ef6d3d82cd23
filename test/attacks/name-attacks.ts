import { documents, nest, repeat, variables } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

/** Names that objects have of themselves. */
const inherited = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];

const byName = <T>(make: (name: string) => T, what: string): Readonly<Record<string, T>> =>
  Object.fromEntries(inherited.map((name) => [`${what} ${name}`, make(name)]));

const typed = 'query ($where: SongWhere) { songs(where: $where) { id } }';

/** A member that JSON has and a literal would not. */
function owning(json: string): unknown {
  return JSON.parse(json);
}

/** Asking for what there is not, for what is hidden, and for names that mean something to JavaScript. */
export const nameAttacks: readonly Attack[] = [
  ...documents('FORBIDDEN', {
    'the schema': '{ __schema { types { name fields { name } } } }',
    'the schema by another name': '{ s: __schema { queryType { name } } }',
    'the schema beside data': '{ songs { id } __schema { types { name } } }',
    'the schema in a fragment': '{ ...Q } fragment Q on Query { ... { __schema { types { name } } } }',
    'the schema in a fragment that nobody uses': '{ songs { id } } fragment Q on Query { __schema { types { name } } }',
    'the schema, skipped': '{ songs { id } __schema @skip(if: true) { types { name } } }',
    'the schema, live': 'subscription { __schema { types { name } } }',
    'one type': '{ __type(name: "Song") { fields { name } } }',
    'a hidden type': '{ __type(name: "Secret") { fields { name } } }',
    'types in circles': `{ __schema { types { ${nest(6, 'fields { type { ', 'name', ' } }')} } } }`,
    'types of types': `{ __type(name: "Song") { ${nest(150, 'ofType {', 'name', '}')} } }`,
  }),
  ...documents('GRAPHQL_VALIDATION_FAILED', {
    'a field that there is not': '{ users { id password } }',
    'a table that is hidden': '{ secrets { id } }',
    'a table that is hidden, by a change stream': 'subscription { secretChanges { position } }',
    'a table that is not exposed': '{ internals { id } }',
    'a table that is not exposed, live': 'subscription { internals { id } }',
    'a column that is hidden': '{ songs { labelId } }',
    'a column that is hidden, in a filter': '{ songs(where: { labelId: { eq: "x" } }) { id } }',
    'a column that is hidden, in an order': '{ songs(orderBy: [{ labelId: ASC }]) { id } }',
    'a column that is hidden, before a change': 'subscription { songChanges { changes { previous { labelId } } } }',
    'a column that is hidden, in a filter of a relation':
      '{ artists(where: { songs: { some: { labelId: { eq: "x" } } } }) { id } }',
    'a hidden type in a fragment': '{ node(nodeId: "x") { ... on Secret { id } } }',
    'entities of a federation': '{ _entities(representations: []) { __typename } }',
    'the service of a federation': '{ _service { sdl } }',
    'a type of introspection as a condition': '{ songs { ... on __Type { name } } }',
    'arguments of another field': '{ song(id: "a", where: {}) { id } }',
    'an argument on a column': '{ songs { title(format: "x") } }',
    'a selection of a scalar': '{ songs { id { x } } }',
    'no selection of a table': '{ songs }',
    'two columns of an order in one': '{ songs(orderBy: [{ title: ASC, id: ASC }]) { id } }',
    ...byName((name) => `{ ${name} }`, 'a root field called'),
    ...byName((name) => `{ songs { ${name} } }`, 'a column called'),
    ...byName((name) => `{ songs(${name}: 1) { id } }`, 'an argument called'),
    ...byName((name) => `{ songs(where: { ${name}: { eq: 1 } }) { id } }`, 'a filter called'),
    ...byName((name) => `{ songs { ... on ${name} { id } } }`, 'a condition called'),
    ...byName((name) => `{ songs { id @${name} } }`, 'a directive called'),
  }),
  ...documents(
    null,
    byName((name) => `{ songs { ${name}: id } }`, 'an alias called'),
  ),
  ...documents(
    null,
    byName(
      (name) =>
        `query ${name}($${name}: ID) { songs(where: { id: { eq: $${name} } }) { ...${name} } } fragment ${name} on Song { id }`,
      'an operation, a variable and a fragment called',
    ),
  ),
  ...documents(null, {
    'the name of the type, everywhere': `{ __typename ${repeat(10, (i) => `a${i}: __typename`)} }`,
  }),
  ...variables('BAD_USER_INPUT', typed, {
    'a filter with a __proto__ of its own': owning('{"where":{"__proto__":{"id":{"eq":"a"}}}}'),
    'a filter with a constructor': { where: { constructor: { prototype: { admin: true } } } },
    'an operator called __proto__': owning('{"where":{"id":{"__proto__":"a"}}}'),
    'an operator called toString': { where: { id: { toString: 'a' } } },
    'a hidden column in a variable': { where: { labelId: { eq: 'x' } } },
  }),
  ...variables(null, typed, {
    'variables with a __proto__ of their own': owning('{"__proto__":{"where":{"id":{"eq":"a"}}}}'),
    'variables with a constructor': { constructor: { prototype: { polluted: true } } },
  }),
];
