import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import type { DocumentNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { live } from '../../../src/client/client.ts';
import * as documents from '../../../src/console/documents.ts';
import { readOperand } from '../../../src/console/operands.ts';
import { changesText, countText, rowsText, whereOf } from '../../../src/console/row-query.ts';
import { filterColumns, orderColumns, readSdl, relationsOf, selectionOf } from '../../../src/console/sdl.ts';
import { blocksOf, piecesOf, search } from '../../../src/console/sdl-blocks.ts';

/** The API of the charts' tables, as the gateway prints it. */
const text = readFileSync(new URL('../query/charts.api.graphql', import.meta.url), 'utf8');
const sdl = readSdl(text);
const api = buildSchema(text);
const mistakes = (document: DocumentNode) => validate(api, document).map(({ message }) => message);

describe('what the console asks', () => {
  test.each(Object.entries(documents).filter(([name]) => name.endsWith('Query')))(
    '%s is of the API, live too',
    (_, query) => {
      expect(mistakes(query as DocumentNode)).toEqual([]);
      expect(mistakes(live(query as DocumentNode))).toEqual([]);
    },
  );

  test('of rows, counts and changes is of the API', () => {
    const table = { name: 'Song', selection: selectionOf(sdl, 'Song', ['id', 'title', 'genre', 'updatedAt']) };
    expect(table.selection).toBe('id title genre updatedAt');
    for (const document of [
      rowsText(table, 'songs'),
      countText(table, 'songsConnection'),
      changesText(table, 'songChanges'),
    ]) {
      expect(mistakes(parse(document))).toEqual([]);
    }
  });
});

describe('the schema', () => {
  test('says by what rows are filtered and ordered, and where relations lead', () => {
    const [id, title, genre] = filterColumns(sdl, 'Song', ['id', 'title', 'genre']);
    expect(id?.operands.get('in')).toEqual({ type: 'ID', many: true, choices: undefined });
    expect([...(title?.operands.keys() ?? [])]).toContain('startsWith');
    expect(title?.operands.has('mode')).toBe(false);
    expect(genre?.operands.get('eq')?.choices).toContain('JAZZ');
    expect(orderColumns(sdl, 'Song').has('title')).toBe(true);
    expect(relationsOf(sdl, 'Song', ['Artist', 'Play', 'Song'])).toEqual(
      expect.arrayContaining([
        { name: 'artist', target: 'Artist', many: false },
        { name: 'listens', target: 'Play', many: true },
      ]),
    );
  });

  test('of objects within rows is asked for whole', () => {
    const { types, text: printed } = readSdl(
      'type A { id: ID! b: B c: [B!] } type B { x: Int d: D } type D { y: Int }',
    );
    expect(selectionOf({ types, text: printed }, 'A', ['id', 'b', 'c'])).toBe('id b { x d { y } } c { x d { y } }');
  });

  test('is shown whole, piece by piece', () => {
    const blocks = blocksOf(text);
    expect(blocks.map((block) => block.text).join('\n\n')).toBe(text.trimEnd());
    expect(blocks.length).toBe(parse(text).definitions.length);
    for (const block of blocks) {
      expect(
        piecesOf(block.text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(block.text);
    }
  });

  test('is searched: first comes what is called so', () => {
    const found = search(blocksOf(text), 'song').map(({ name }) => name);
    expect(found[0]).toBe('Song');
    expect(found).toContain('Query');
    expect(search(blocksOf(text), 'no such word')).toEqual([]);
  });
});

describe('what is typed', () => {
  const operand = (type: string, many = false) => ({ type, many, choices: undefined });
  test.each([
    ['12', operand('Int'), { value: 12 }],
    ['1.5', operand('Int'), { mistake: 'Type a whole number.' }],
    ['1.5', operand('Float'), { value: 1.5 }],
    ['', operand('Float'), { mistake: 'Type a number.' }],
    ['9007199254740993', operand('BigInt'), { value: '9007199254740993' }],
    ['true', operand('Boolean'), { value: true }],
    ['', operand('String'), { value: '' }],
    [' a', operand('String'), { value: ' a' }],
    ['', operand('DateTime'), { mistake: 'Type a DateTime.' }],
    ['{"a":1}', operand('JSON'), { value: { a: 1 } }],
    ['{', operand('JSON'), { mistake: 'Type JSON.' }],
    ['1, 2', operand('Int', true), { value: [1, 2] }],
    ['a, b', operand('ID', true), { value: ['a', 'b'] }],
    ['1, x', operand('Int', true), { mistake: 'Type a whole number.' }],
  ])('%j is read for its operator', (typed, given, read) => {
    expect(readOperand(typed, given)).toEqual(read);
  });

  test('filters all hold, also several of one column', () => {
    expect(whereOf([])).toBeUndefined();
    const filters = [
      { column: 'likes', operator: 'gt', value: 1 },
      { column: 'likes', operator: 'lt', value: 9 },
    ];
    expect(whereOf(filters)).toEqual({ and: [{ likes: { gt: 1 } }, { likes: { lt: 9 } }] });
  });
});
