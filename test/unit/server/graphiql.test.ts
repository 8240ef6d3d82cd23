import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { generalDocument, openingDocument } from '../../../src/server/graphiql.ts';
import { createQueryWorld } from '../../support/query-world.ts';

function opening(schema: string): string {
  const { catalog, engine } = createQueryWorld(schema);
  const document = openingDocument(catalog, engine.schema);
  expect(validate(engine.schema, parse(document))).toEqual([]);
  expect(document.split('\n').every((line) => line.length <= 48)).toBe(true);
  return document;
}

test('GraphiQL opens with columns of the first table that can be asked for', () => {
  const document = opening(`
    type Secret @table(topic: "secrets") @hidden { id: ID! code: String! }
    type Click @table(topic: "clicks", mode: STREAM) { id: ID! @from(meta: COORDINATES) }
    type Song @table(topic: "songs") {
      id: ID!
      label: String @hidden
      about: About
      genre: Genre
      title: String!
      likes: Int!
      plays: Int!
    }
    type About { text: String }
    enum Genre { POP JAZZ }
    type Artist @table(topic: "artists") { id: ID! name: String! }
  `);
  expect(document).toContain('query {\n  songs(limit: 10) {\n    id\n    genre\n    title\n    likes\n  }\n}\n');
});

test('and with how the tables are where none can be', () => {
  expect(
    opening('type Click @table(topic: "clicks", mode: STREAM) { id: ID! @from(meta: COORDINATES) name: String }'),
  ).toBe(generalDocument);
});
