import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError, parse, print, stripIgnoredCharacters } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import { SetupError } from '../../../src/common/errors.ts';
import type { OperationRequest } from '../../../src/query/query.ts';
import { limitRules } from '../../../src/server/limits.ts';
import { loadTrustedDocuments, resolveDocument } from '../../../src/server/trusted-documents.ts';
import type { TrustedDocuments } from '../../../src/server/trusted-documents.ts';
import { defaultServerLimits } from '../../../src/config/limits.ts';
import { createQueryWorld } from '../../support/query-world.ts';

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
const songs = 'query Songs { songs { id title } }';
const live = 'subscription Live { songs { id } }';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function fileOf(content: unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-manifest-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'documents.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function load(content: unknown): TrustedDocuments {
  const { engine } = createQueryWorld(schema, { validationRules: limitRules(defaultServerLimits) });
  return loadTrustedDocuments(fileOf(content), engine);
}

function mistakesIn(content: unknown): readonly string[] {
  try {
    load(content);
  } catch (error) {
    if (error instanceof SetupError) return error.mistakes.map(({ message }) => message);
    throw error;
  }
  throw new Error('the list was taken');
}

/** The text that the request is answered for, or the code and message that it is refused with. */
function resolved(request: unknown, trusted: TrustedDocuments | undefined): string {
  const found = resolveDocument(request as OperationRequest, trusted);
  return found instanceof GraphQLError ? `${String(found.extensions['code'])}: ${found.message}` : found.query;
}

test('the lists of client-preset, Relay and Apollo are understood', () => {
  const preset = load({ [`sha256:${sha256(songs)}`]: songs });
  expect(preset.byId(`sha256:${sha256(songs)}`)).toBe(songs);
  expect(preset.byId(sha256(songs))).toBe(songs);
  const relay = load({ '5f1d3a': songs, other: live });
  expect(relay.byId('5f1d3a')).toBe(songs);
  expect(relay.byId('other')).toBe(live);
  const apollo = load({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: sha256(songs), name: 'Songs', type: 'query', body: songs }],
  });
  expect(apollo.byId(sha256(songs))).toBe(songs);
  expect(apollo.byId(sha256(live))).toBeUndefined();
});

test('a document is found by the hash of its text, whatever id the list gives it', () => {
  const trusted = load({ first: songs });
  expect(trusted.byId(sha256(songs))).toBe(songs);
  expect(trusted.byId('__proto__')).toBeUndefined();
  expect(trusted.byId('constructor')).toBeUndefined();
});

test('a text is in the list however it is laid out, and another is not', () => {
  const trusted = load({ first: stripIgnoredCharacters(songs) });
  expect(trusted.byText(print(parse(songs)))).toBe(stripIgnoredCharacters(songs));
  expect(trusted.byText(`# a comment\n${songs}`)).toBeDefined();
  expect(trusted.byText('query Songs { songs { id } }')).toBeUndefined();
  expect(trusted.byText('query Other { songs { id title } }')).toBeUndefined();
  expect(trusted.byText(`${songs} "`)).toBeUndefined();
  expect(trusted.byText(`${songs} #${'x'.repeat(100_000)}`)).toBeUndefined();
});

test('a file that is no list ends the start, and says what is expected', () => {
  expect(mistakesIn('{"a":')).toEqual([expect.stringMatching(/^This is not JSON: .*client-preset/)]);
  expect(mistakesIn([songs])).toEqual([expect.stringContaining('no list of documents')]);
  expect(mistakesIn({})).toEqual([expect.stringContaining('no document in it')]);
  expect(mistakesIn({ a: 1, b: null })).toEqual([
    expect.stringContaining('"a": expected'),
    expect.stringContaining('"b": expected'),
  ]);
  expect(mistakesIn({ format: 'apollo-persisted-query-manifest', version: 2, operations: [] })).toEqual([
    expect.stringContaining('version 2'),
  ]);
  const operations = [
    { id: 'a', body: songs },
    { id: 'a', body: live },
    { name: 'no id', body: live },
  ];
  expect(mistakesIn({ format: 'apollo-persisted-query-manifest', version: 1, operations })).toEqual([
    '"a" names two different documents.',
    expect.stringContaining('expected an id'),
  ]);
  const { engine } = createQueryWorld(schema);
  expect(() => loadTrustedDocuments('/nowhere/documents.json', engine)).toThrow(/cannot be read: ENOENT/);
});

test('every document that is none of this API ends the start, each with its id', () => {
  expect(
    mistakesIn({
      good: songs,
      broken: '{ songs {',
      unknown: 'query { songs { id artist } }',
      writing: 'mutation { addSong { id } }',
      deep: `{ songs ${'{ ...{ id } '.repeat(12)} ${'}'.repeat(12)} }`,
    }),
  ).toEqual([
    expect.stringMatching(/^document "broken": Syntax Error: .*\(line 1, column 10 of the document\)$/),
    expect.stringMatching(/^document "unknown": Cannot query field "artist" on type "Song".*column 20/),
    expect.stringMatching(/^document "writing": There are no mutations/),
    expect.stringMatching(/^document "deep": /),
  ]);
});

test('a request names its document by a parameter, an extension or the hash of Apollo', () => {
  const trusted = load({ first: songs });
  for (const request of [
    { documentId: 'first' },
    { doc_id: 'first' },
    { id: 'first' },
    { query: '', documentId: `sha256:${sha256(songs)}` },
    { query: ' ', extensions: { documentId: 'first' } },
    { query: null, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(songs) } } },
    { query: songs },
    { query: print(parse(songs)), extensions: { persistedQuery: { version: 1, sha256Hash: 'whatever' } } },
    // A text that is not in the list is never run: a cache may have changed it.
    { query: live, documentId: 'first' },
    { query: live, extensions: { documentId: 'first' } },
  ]) {
    expect(resolved(request, trusted), JSON.stringify(request)).toBe(songs);
  }
  expect(resolveDocument({ documentId: 'first', variables: { a: 1 } } as never, trusted)).toMatchObject({
    query: songs,
    variables: { a: 1 },
  });
});

test('whatever is not in the list is FORBIDDEN, and the setting is named', () => {
  const trusted = load({ first: songs });
  for (const request of [
    { documentId: 'second' },
    { documentId: '__proto__' },
    { query: live },
    { query: live, documentId: 'second' },
    // Apollo's hash is that of the text.
    { query: live, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(songs) } } },
    { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(live) } } },
    { query: '{ __typename }' },
    { query: '{ nonsense' },
  ]) {
    expect(resolved(request, trusted), JSON.stringify(request)).toMatch(/^FORBIDDEN: .*trustedDocuments/);
  }
  expect(resolved({ documentId: 'x'.repeat(50_000) }, trusted).length).toBeLessThan(400);
});

test('without a list texts are answered, and a name alone tells clients to send the text', () => {
  expect(resolved({ query: live, documentId: 'first' }, undefined)).toBe(live);
  expect(resolved({ documentId: 'first' }, undefined)).toMatch(/^BAD_USER_INPUT: .*"first".*Send the text/);
  // What Apollo Client and urql look for.
  expect(resolved({ extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }, undefined)).toBe(
    'BAD_USER_INPUT: PersistedQueryNotSupported',
  );
  expect(resolved({ query: '' }, undefined)).toBe('');
});
