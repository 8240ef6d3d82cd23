import { documents, nest, repeat } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

/** Forty fragments, each of which spreads the next one twice. */
function doubling(type: string, leaf: string): string {
  return `${repeat(40, (i) => `fragment F${i} on ${type} { ...F${i + 1} ...F${i + 1} }`)} fragment F40 on ${type} { ${leaf} }`;
}

const circle = (i: number): string => `fragment C${i} on Song { ${repeat(12, (j) => `...C${j}`)} }`;

/** Small requests for large answers, or for much work. */
export const bombAttacks: readonly Attack[] = [
  ...documents('LIMIT_EXCEEDED', {
    'a hundred aliases of a type name': `{ ${repeat(101, (i) => `a${i}: __typename`)} }`,
    'aliases of one field': `{ songs { ${repeat(31, (i) => `a${i}: title`)} } }`,
    'aliases in a fragment that is spread often': `{ songs { ${repeat(8, '...F')} } } fragment F on Song { a: id b: id c: id d: id }`,
    'aliases of a connection': `{ ${repeat(19, (i) => `a${i}: songsConnection { x: totalCount y: totalCount }`)} }`,
    'aliases of root fields': `{ ${repeat(21, (i) => `a${i}: song(id: "${i}") { id }`)} }`,
    'root fields in fragments': `{ ${repeat(11, '...Q')} } fragment Q on Query { songs { id } artists { id } }`,
    'sixty directives on a field': `{ songs { id ${repeat(60, '@skip(if: false)')} } }`,
    'directives all over': `{ songs ${'@skip(if: false)'} { ${repeat(60, 'id @include(if: true)')} } }`,
    'directives in a fragment': `{ songs { ${repeat(26, '...F')} } } fragment F on Song { id @skip(if: false) title @skip(if: false) }`,
    'unknown directives, sixty': `{ songs { id ${repeat(60, '@aa')} } }`,
    'depth by relations': `{ songs { ${nest(6, 'artist { songs { ', 'id', ' } }')} } }`,
    'depth by relations in fragments': `{ songs { ...A } } fragment A on Song { artist { songs { ...B } } } fragment B on Song { artist { songs { ...C } } } fragment C on Song { artist { songs { ...D } } } fragment D on Song { artist { songs { ...E } } } fragment E on Song { artist { songs { id } } }`,
    'depth by fields that there are not': `{ ${nest(300, 'a{', 'a', '}')} }`,
    'depth by inline fragments': `{ songs { ${nest(6, 'artist { ... on Artist { songs { ... { ', 'id', ' } } } }')} } }`,
    'fragments that double': `{ songs { ...F0 } } ${doubling('Song', 'id')}`,
    'fragments that double, of nothing': `{ songs { ...F0 } } ${doubling('Song', '...Nothing')}`,
    'fragments that double, of aliases': `{ songs { ...F0 } } ${doubling('Song', 'a: id')}`,
    'fragments that double, in introspection': `{ __schema { ...F0 } } ${doubling('__Schema', 'description')}`,
    'fragments that double, unused': `{ songs { id } } ${doubling('Song', 'id')}`,
    'fragments that double, on a type that there is not': `{ songs { ...F0 } } ${doubling('Nothing', 'id')}`,
    'fragments that double, of conflicts': `{ songs { ...F0 } } ${doubling('Song', 'id artist { id } artist { id: name }')}`,
    'fragments that each spread all the next': `{ songs { ...F0 } } ${repeat(30, (i) => `fragment F${i} on Song { id ${repeat(29 - i, (j) => `...F${i + j + 1}`)} }`)}`,
    'fragments that multiply by ten': `{ songs { ...F0 } } ${repeat(8, (i) => `fragment F${i} on Song { ${repeat(10, `...F${i + 1}`)} }`)} fragment F8 on Song { id }`,
    'twelve fragments, each in all': `{ songs { ...C0 } } ${repeat(12, circle)}`,
    'lists in lists': '{ artists { songs(limit: 100) { listens { songId n userId } } } }',
    'lists in lists without limits': '{ artists { songs { listens { song { listens { n } } } } } }',
    'many long lists': `{ ${repeat(15, (i) => `a${i}: artists(limit: 1000) { id name country songs(limit: 10) { id } }`)} }`,
    'connections of connections': `{ ${repeat(19, (i) => `a${i}: songsConnection(first: 100) { edges { node { artist { songs(limit: 100) { id } } } } }`)} }`,
    'lists of fragments': `{ artists(limit: 1000) { ${repeat(60, '...F')} } } fragment F on Artist { id name }`,
    'a limit that is too large': '{ songs(limit: 101) { id } }',
    'a page that is too large': '{ songsConnection(first: 100000) { nodes { id } } }',
    'a page from the end that is too large': '{ songsConnection(last: 2147483647) { nodes { id } } }',
    'an offset that is too large': '{ songs(offset: 2147483647) { id } }',
    'a live query of lists in lists': 'subscription { artists { songs(limit: 100) { listens { songId n userId } } } }',
    'a change stream of lists in lists':
      'subscription { songChanges { changes { node { artist { songs(limit: 100) { listens(limit: 1000) { n } } } } } } }',
  }),
  ...documents('GRAPHQL_VALIDATION_FAILED', {
    'a fragment in itself': '{ songs { ...F } } fragment F on Song { id ...F }',
    'two fragments in each other': '{ songs { ...F } } fragment F on Song { ...G } fragment G on Song { ...F }',
    'three fragments in a circle, through relations':
      '{ songs { ...A } } fragment A on Song { artist { songs { ...B } } } fragment B on Song { ...C } fragment C on Song { ...A }',
    'a circle that nobody uses': '{ songs { id } } fragment F on Song { ...F }',
    'a circle on a type that there is not': '{ songs { ...F } } fragment F on Nothing { ...F }',
    'a circle inside an inline fragment': '{ songs { ...F } } fragment F on Song { ... on Song { ... { ...F } } }',
    'a circle in introspection': '{ songs { ...F } } fragment F on __Type { ofType { ...F } }',
    'ten unknown directives': `{ songs { id ${repeat(10, '@aa')} } }`,
    'one directive twice': '{ songs { id @skip(if: false) @skip(if: false) } }',
    'what may be deferred': '{ songs { ... @defer { id } } }',
    'what may be streamed': '{ songs @stream(initialCount: 0) { id } }',
    'a directive of the configuration': '{ songs @auth(rules: []) { id } }',
    'a wait inside a selection': '{ songs @atLeast(timeoutMs: 1) { id } }',
    'fields that conflict': `{ songs { ${repeat(9, (i) => `x: id y${i}: title x: title`)} } }`,
    'arguments that conflict': `{ ${repeat(15, (i) => `songs(limit: ${i}) { id }`)} }`,
    'conflicts inside inline fragments': `{ songs { ${repeat(60, (i) => `... on Song { x: ${i % 2 === 0 ? 'id' : 'title'} }`).replaceAll('x:', '')} a: id a: title } }`,
    'a spread of nothing': '{ songs { ...Nothing } }',
    'a fragment on a scalar': '{ songs { id { ... on ID { x } } } }',
    'a fragment on an input': '{ songs { ...F } } fragment F on SongWhere { id }',
    'a fragment that cannot apply': '{ songs { ... on Artist { name } } }',
  }),
  ...documents('BAD_USER_INPUT', {
    'a negative limit': '{ songs(limit: -1) { id } }',
    'a negative offset': '{ songs(offset: -1) { id } }',
    'a negative page': '{ songsConnection(first: -1) { nodes { id } } }',
    'the least number of rows': '{ songsConnection(last: -2147483648) { nodes { id } } }',
  }),
  ...documents(null, {
    'one field five hundred times': `{ songs { ${repeat(490, 'id')} } }`,
    'a type name five hundred times': `{ songs { ${repeat(490, '__typename')} } }`,
    'two hundred inline fragments in each other': `{ songs { ${nest(190, '... on Song {', 'id', '}')} } }`,
    'many inline fragments': `{ songs { ${repeat(150, '... on Song { id }')} } }`,
    'the longest that is skipped': `{ songs { id } artists @skip(if: true) { songs(limit: 100) { listens { n } } } }`,
    'no rows, often': `{ ${repeat(19, (i) => `a${i}: songs(limit: 0) { id }`)} }`,
  }),
];
