import fc from 'fast-check';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { buildCatalog, checkSchema } from '../../../src/catalog/build.ts';
import { SetupError } from '../../../src/common/errors.ts';
import type { Mistake } from '../../../src/common/errors.ts';

/** Schemas made of pieces that are right, misplaced, or nonsense. */
const words = [
  'id',
  'a',
  'b',
  'T',
  'U',
  'E',
  'O',
  'Song',
  'songs',
  'nodeId',
  'and',
  '__x',
  'x.y',
  '$',
  '',
  ' ',
  'a b',
  'b.id',
  'b.a',
  'b.b.a',
  'timestamp',
  'a + 1',
  'coalesce(a, b.a)',
  "'all'",
  '1h',
  '5m',
  'interval timestamp a',
  '((',
];
const types = [
  'ID!',
  'ID',
  'Int',
  'Int!',
  'Float!',
  'JSON',
  '[Int!]!',
  '[[Int]]',
  'T',
  '[T!]!',
  'U',
  '[U!]!',
  'O',
  '[O]',
  'E',
  'Nope',
  'TInterval!',
  'DateTime!',
  'BigInt',
];
const word = fc.constantFrom(...words);
const text = word.map((each) => JSON.stringify(each));
const literal = fc.oneof(
  text,
  fc.constantFrom(
    '1',
    '1.5',
    'true',
    'null',
    'A',
    '[]',
    '["a", 1]',
    '{}',
    '{ a: { eq: 1 } }',
    '{ or: [{ id: { in: ["x"] } }] }',
  ),
);
const argument = fc
  .tuple(
    fc.constantFrom(
      'topic',
      'mode',
      'accept',
      'keyFormat',
      'retention',
      'singular',
      'plural',
      'cluster',
      'fields',
      'references',
      'unique',
      'path',
      'key',
      'header',
      'meta',
      'value',
      'default',
      'max',
      'query',
      'retain',
      'source',
      'where',
      'intervals',
      'hop',
      'sessionGap',
      'timestamp',
      'grace',
      'fn',
      'arg',
      'by',
      'n',
      'expr',
      'nope',
    ),
    fc.oneof(
      literal,
      fc.constantFrom(
        'APPEND',
        'STREAM',
        'JSON',
        'LONG',
        'NONE',
        'STRING',
        'KEY',
        'COORDINATES',
        '"7d"',
        '["id"]',
        '["a", "b"]',
        'COUNT',
        'SUM',
        'LAST',
        'TOP_K',
        '["1h", "1d"]',
        '"5m"',
        '{ b: { a: { eq: 1 } } }',
        '3',
      ),
    ),
  )
  .map(([name, value]) => `${name}: ${value}`);
const directive = fc
  .tuple(
    fc.constantFrom(
      'table',
      'key',
      'index',
      'relation',
      'from',
      'default',
      'hidden',
      'limit',
      'expose',
      'changes',
      'deprecated',
      'view',
      'aggregation',
      'aggregate',
      'computed',
      'sink',
      'nope',
    ),
    fc.array(argument, { maxLength: 3 }),
  )
  .map(([name, args]) => `@${name}${args.length === 0 ? '' : `(${args.join(', ')})`}`);
const field = fc
  .tuple(
    fc.constantFrom('id', 'a', 'b', 'nodeId', 'and', '__x', 'timestamp', 'closed'),
    fc.constantFrom(...types),
    fc.array(directive, { maxLength: 2 }),
  )
  .map(([name, type, directives]) => `${name}: ${type} ${directives.join(' ')}`);
const definition = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('T', 'U', 'O', 'Song', 'SongWhere', 'Query'),
      fc.constantFrom(
        '@table(topic: "t")',
        '@table(topic: "t", mode: APPEND)',
        '@table(topic: "t", mode: STREAM)',
        '@view(source: "T")',
        '@view(source: "U")',
        '@aggregation(source: "T")',
        '@aggregation(source: "U", intervals: ["1h"])',
        '@aggregation(source: "Song", sessionGap: "5m", grace: "1m")',
        '',
      ),
      fc.array(directive, { maxLength: 2 }),
      fc.array(field, { minLength: 1, maxLength: 5 }),
    )
    .map(
      ([name, table, directives, fields]) => `type ${name} ${table} ${directives.join(' ')} { ${fields.join('\n')} }`,
    ),
  fc.constantFrom('enum E { A B }', 'enum E', 'scalar X', 'extend type T { c: Int }', 'schema { query: T }'),
);
const schema = fc.array(definition, { minLength: 1, maxLength: 5 }).map((each) => each.join('\n'));

test('every schema gives a catalog, or mistakes that each have a place', () => {
  fc.assert(
    fc.property(schema, (sdl) => {
      parse(sdl);
      const files = [{ file: 's.graphql', text: sdl }];
      const { mistakes } = checkSchema(files);
      expect(mistakes.filter(({ file, line, column }) => file !== 's.graphql' || !line || !column)).toEqual([]);
      expect(mistakesThrown(files)).toEqual(mistakes);
    }),
    { numRuns: 1_000 },
  );
});

/** The mistakes that it throws; none where there is a catalog. */
function mistakesThrown(files: Parameters<typeof buildCatalog>[0]): readonly Mistake[] {
  try {
    buildCatalog(files);
    return [];
  } catch (error) {
    if (error instanceof SetupError) return error.mistakes;
    throw error;
  }
}
