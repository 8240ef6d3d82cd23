import { getIntrospectionQuery, parse, validate, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import { expect, test } from 'vitest';
import { defaultServerLimits } from '../../../src/config/limits.ts';
import type { ServerLimits } from '../../../src/config/limits.ts';
import { limitRules } from '../../../src/server/limits.ts';
import { nest, repeat } from '../../attacks/document-attack.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! title: String! artistId: ID @index artist: Artist @relation(fields: ["artistId"]) }
type Artist @table(topic: "artists") { id: ID! name: String! songs: [Song!]! @relation(references: ["artistId"]) }
`;

/** Documents may be as long as they like; what they hold is bounded. */
function createWorld(limits: Partial<ServerLimits> = {}): QueryWorld {
  return createQueryWorld(schema, {
    limits: { maxTokens: 10_000_000, maxDocumentLength: 10_000_000 },
    validationRules: limitRules({ ...defaultServerLimits, ...limits }),
  });
}

function refusalOf(world: QueryWorld, query: string): unknown {
  const [error] = world.refuse(query);
  return error?.extensions;
}

test.each([
  [
    'maxFields',
    { maxFields: 4 },
    '{ songs { id title } x: __typename }',
    '{ songs { id title artist { __typename } } x: __typename }',
  ],
  [
    'maxFields',
    { maxFields: 4 },
    '{ songs { ...F } } fragment F on Song { id title }',
    '{ songs { ...F } } fragment F on Song { id title __typename }',
  ],
  ['maxDepth', { maxDepth: 3 }, '{ songs { artist { id } } }', '{ songs { artist { songs { id } } } }'],
  [
    'maxDepth',
    { maxDepth: 3 },
    '{ songs { ... { artist { id } } } }',
    '{ songs { ...F } } fragment F on Song { artist { ... { songs { id } } } }',
  ],
  [
    'maxAliases',
    { maxAliases: 2 },
    '{ a: songs { b: id } }',
    '{ a: songs { b: id ...F } } fragment F on Song { c: id }',
  ],
  [
    'maxRootFields',
    { maxRootFields: 2 },
    '{ songs { id } artists { id } }',
    '{ songs { id } ...Q } fragment Q on Query { artists { id } __typename }',
  ],
  [
    'maxDirectives',
    { maxDirectives: 1 },
    '{ songs { id @skip(if: true) title } }',
    '{ songs @skip(if: true) { ...F @skip(if: true) } } fragment F on Song { id }',
  ],
] as const)('%s is a bound, fragments followed', (setting, limits, within, beyond) => {
  const world = createWorld(limits);
  expect(world.prepare(within).kind).toBe('query');
  expect(refusalOf(world, beyond)).toEqual({ code: 'LIMIT_EXCEEDED', setting, limit: Object.values(limits)[0] });
});

test('what tools ask for is within the defaults', () => {
  const world = createWorld();
  const query = getIntrospectionQuery({ oneOf: true, specifiedByUrl: true, directiveIsRepeatable: true });
  expect(world.run(query).errors).toEqual([]);
});

const doubling = (type: string, leaf: string) =>
  `${repeat(60, (i) => `fragment F${i} on ${type} { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on ${type} { ${leaf} }`;

/** Of advisories against graphql-js and gateways: documents that are small beside what validating or running them takes. */
const bombs: Readonly<Record<string, string>> = {
  // GHSA-fc86-6rv6-2jpm, CVE-2026-40476
  'inline fragments, side by side': `{ songs { ${repeat(20_000, '... on Song { id }')} } }`,
  'inline fragments, in each other': `{ songs { ${nest(900, '... on Song { ', 'id', ' }')} } ${repeat(200, 'songs { id }')} }`,
  'inline fragments, both': `{ songs { ${repeat(500, nest(20, '... { ', 'id', ' }'))} } }`,
  // CVE-2023-26144
  'fields of one name': `{ ${repeat(20_000, 'songs { id }')} }`,
  'fields of one name, deep': `{ ${repeat(300, `songs { ${nest(4, 'artist { songs { ', 'id', ' } }')} }`)} }`,
  // CVE-2025-32031, 32032, 32034, 32380
  'fragments that double': `{ songs { ...F0 } } ${doubling('Song', 'id')}`,
  'fragments that double in the schema': `{ __schema { ...F0 } } ${doubling('__Schema', 'description')}`,
  'fragments that double, of nothing': `{ songs { ...F0 } } ${doubling('Song', '...None')}`,
  'fragments that double, unused': `{ songs { id } } ${doubling('Song', 'id')}`,
  'fragments that double, in two operations': `query A { songs { ...F0 } } query B { songs { ...F0 } } ${doubling('Song', 'id')}`,
  // CVE-2026-35441, GHSA-6q22-g298-grjh
  aliases: `{ ${repeat(5_000, (i) => `a${i}: songs { id }`)} }`,
  'aliases, by fragments': `{ songs { ...F0 } } ${doubling('Song', 'a: id')}`,
};

test.each(Object.entries(bombs))(
  'a bomb is refused by bounds, before any rule of the specification: %s',
  (_, query) => {
    const world = createWorld();
    const startMs = performance.now();
    const errors = world.refuse(query);
    console.log(`${query.length} characters, ${(performance.now() - startMs).toFixed(1)} ms`);
    expect(new Set(errors.map(({ extensions }) => extensions['code']))).toEqual(new Set(['LIMIT_EXCEEDED']));
  },
);

/** The document, and how often somebody looks at what a selection holds. */
function counted(query: string): {
  readonly document: DocumentNode;
  readonly looks: () => number;
  readonly size: number;
} {
  const document = parse(query);
  let looks = 0;
  let size = 0;
  visit(document, {
    SelectionSet(node) {
      size += 1;
      const { selections } = node;
      Object.defineProperty(node, 'selections', { enumerable: true, get: () => ((looks += 1), selections) });
    },
  });
  return { document, looks: () => looks, size };
}

test.each(Object.entries(bombs))(
  'measuring looks at each selection a few times, however it is spread: %s',
  (_, query) => {
    const { engine } = createWorld();
    const { document, looks, size } = counted(query);
    expect(validate(engine.schema, document, limitRules(defaultServerLimits)).length).toBeGreaterThan(0);
    expect(looks()).toBeLessThanOrEqual(size * 4);
  },
);

test('fragments in circles are refused once each, by bounds or as circles', () => {
  const world = createWorld();
  const circles = repeat(40, (i) => `fragment C${i} on Song { ${repeat(40, (j) => `...C${j}`)} }`);
  const errors = world.refuse(`{ songs { ...C0 } } ${circles}`);
  expect(errors.length).toBeLessThanOrEqual(21);
  for (const { extensions } of errors) {
    expect(['LIMIT_EXCEEDED', 'GRAPHQL_VALIDATION_FAILED']).toContain(extensions['code']);
  }
  const two = world.refuse('{ songs { ...A } } fragment A on Song { ...B } fragment B on Song { ...A }');
  expect(two.map(({ message }) => message)).toEqual(['Cannot spread fragment "A" within itself via "B".']);
});

test.each([1_000, 3_000, 10_000, 200_000])('a document nested %i deep is refused, and nothing overflows', (depth) => {
  for (const limits of [{}, { maxDepth: 1_000_000, maxFields: 1_000_000 }]) {
    const world = createWorld(limits);
    for (const query of [
      `{ ${nest(depth, 'a{', 'a', '}')} }`,
      `{ songs { ${nest(depth, '...{', 'id', '}')} } }`,
      `{ songs(where: ${nest(depth, '{not:', '{}', '}')}) { id } }`,
      `{ songs(where: ${nest(depth, '[', '', ']')}) { id } }`,
      `query ($a: ${nest(depth, '[', 'Int', ']')}) { songs(limit: $a) { id } }`,
      `{ __schema { types { ${nest(depth, 'ofType {', 'name', '}')} } } }`,
    ]) {
      const prepared = world.engine.prepare({ query });
      const codes = 'kind' in prepared ? [] : prepared.map(({ extensions }) => extensions['code']);
      expect(codes, `${query.slice(0, 30)} ${JSON.stringify(limits)}`).not.toContain('INTERNAL');
      // Inline fragments and introspection are as deep as one likes, where nobody set a bound.
      if ('kind' in prepared) expect(limits).not.toEqual({});
    }
    expect(world.failures).toEqual([]);
  }
});
