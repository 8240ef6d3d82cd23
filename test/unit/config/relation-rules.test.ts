import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes-in.ts';

describe('relations', () => {
  test.each([
    {
      name: 'rows without @relation',
      schema: ['type T @table(topic: "t") { id: ID! one: T many: [T!]! }'],
      mistakes: [
        '1:37: "one" leads to rows of T: say which, with @relation(fields: ["oneId"]).',
        '1:44: "many" leads to rows of T: say which, with @relation(references: [the columns of it that hold this key]).',
      ],
    },
    {
      name: '@relation on a column',
      schema: ['type T @table(topic: "t") { id: ID! a: Int @relation(fields: ["id"]) }'],
      mistakes: ['1:44: @relation leads to a table; the type of "a" is not one.'],
    },
    {
      name: 'a to-one relation that is never null',
      schema: ['type T @table(topic: "t") { id: ID! aId: ID a: T! @relation(fields: ["aId"]) }'],
      mistakes: ['1:48: A relation to one row is nullable, because that row may not have arrived yet. Write T.'],
    },
    {
      name: 'a to-many relation of another shape',
      schema: [
        'type T @table(topic: "t") { id: ID! aId: ID @index a: [T] @relation(references: ["aId"]) b: [T!] @relation(references: ["aId"]) }',
      ],
      mistakes: [
        '1:55: A relation to many rows is a list that is never null, of rows that are never null. Write [T!]!.',
        '1:93: A relation to many rows is a list that is never null, of rows that are never null. Write [T!]!.',
      ],
    },
    {
      name: 'unknown columns',
      schema: [
        'type T @table(topic: "t") { id: ID! aId: ID a: T @relation(fields: ["aid"]) b: T @relation(fields: ["a"]) c: T @relation(fields: ["id"], references: ["idd"]) }',
      ],
      mistakes: [
        '1:69: @relation(fields:): T has no column "aid". Did you mean "aId" or "id"?',
        '1:101: @relation(fields:): "a" is a relation itself. Name the columns that it uses.',
        '1:151: @relation(references:): T has no column "idd". Did you mean "id"?',
      ],
    },
    {
      name: 'an empty list, a column twice',
      schema: ['type T @table(topic: "t") { id: ID! a: T @relation(fields: []) b: T @relation(fields: ["id", "id"]) }'],
      mistakes: [
        '1:60: @relation(fields:) is empty. Leave it out for the key of T.',
        '1:94: @relation(fields:) names "id" twice.',
      ],
    },
    {
      name: 'a to-many relation without references',
      schema: [
        'type T @table(topic: "t") { id: ID! ts: [U!]! @relation }',
        'type U @table(topic: "u") { id: ID! tId: ID @index }',
      ],
      mistakes: [
        `1:47: "ts" leads to many rows: name the columns of U that hold this row's key, @relation(references: ["tId"]).`,
      ],
    },
    {
      name: 'different numbers of columns',
      schema: [
        'type T @table(topic: "t") { id: ID! us: U @relation(fields: ["id"]) }',
        'type U @table(topic: "u") @key(fields: "a b") { a: ID! b: ID! }',
      ],
      mistakes: [
        '1:43: A relation pairs columns, and "id" of T is 1 and "a", "b" of U are 2. Name them with "fields" and "references".',
      ],
    },
    {
      name: 'different types',
      schema: [
        'type T @table(topic: "t") { id: ID! u: U @relation(fields: ["id"]) }',
        'type U @table(topic: "u") { id: Int! }',
      ],
      mistakes: ['1:42: "id" is ID and U.id is Int; a relation needs the same type on both sides.'],
    },
    {
      name: 'references without an index',
      schema: [
        'type T @table(topic: "t") { id: ID! us: [U!]! @relation(references: ["tId"]) vs: [U!]! @relation(fields: ["id", "id2"], references: ["tId", "x"]) id2: Int! }',
        'type U @table(topic: "u") { id: ID! tId: ID! x: Int! }',
      ],
      mistakes: [
        '1:47: "tId" of U is neither first in its key nor first in an index. Add @index to U.tId.',
        '1:88: "tId", "x" of U are neither first in its key nor first in an index. Add @index(fields: "tId x") to U.',
      ],
    },
    {
      name: 'one row by columns that are not unique',
      schema: [
        'type T @table(topic: "t") { id: ID! u: U @relation(references: ["tId"]) }',
        'type U @table(topic: "u") { id: ID! tId: ID! @index }',
      ],
      mistakes: [
        '1:42: "tId" of U is neither its key nor a unique index, so there may be several such rows. Add @index(unique: true) to U.tId. Or refer to its key, "id".',
      ],
    },
    {
      name: 'references with an index that has a mistake, once',
      schema: [
        'type T @table(topic: "t") { id: ID! us: [U!]! @relation(references: ["tId"]) u: U @relation(references: ["vId"])',
        'xs: [U!]! @relation(references: ["xId"]) }',
        'type U @table(topic: "u") { id: ID! tId: ID! @index(covering: "yes") vId: ID! @index(uniq: true) xId: ID! }',
        'type V @table(topic: "v") { id: ID! ws: [W!]! @relation(references: ["vId"]) xs: [W!]! @relation(references: ["xId"]) }',
        'type W @table(topic: "w") @index(fields: "vId id", unique: 1) { id: ID! vId: ID! xId: ID! }',
        'type X @table(topic: "x") { id: ID! ys: [Y!]! @relation(references: ["xId"]) }',
        'type Y @table(topic: "y") @index(fields: "xI") { id: ID! xId: ID! }',
        'type Z @table(topic: "z") { id: ID! key: K @relation(fields: ["id"], references: ["zId"]) }',
        'type K @table(topic: "k") @key(fields: "z") { zId: ID! l: L @relation(fields: ["zId"], references: ["a"]) }',
        'type L @table(topic: "l") @key(fields: "a b") { a: ID! b: ID! @index(covering: 0) }',
      ],
      mistakes: [
        '2:11: "xId" of U is neither first in its key nor first in an index. Add @index to U.xId.',
        '3:63: @index(covering:) takes true or false, not "yes".',
        '3:86: @index has no argument "uniq". It has "fields", "unique", "covering".',
        '4:88: "xId" of W is neither first in its key nor first in an index. Add @index to W.xId.',
        '5:60: @index(unique:) takes true or false, not 1.',
        '7:42: @index: Y has no column "xI". Did you mean "xId"?',
        '9:40: @key: K has no column "z".',
        '9:61: "a" of L is neither its key nor a unique index, so there may be several such rows. Add @index(unique: true) to L.a. Or refer to its key, "a", "b".',
        '10:80: @index(covering:) takes true or false, not 0.',
      ],
    },
    {
      name: 'directives of columns',
      schema: [
        'type T @table(topic: "t") { id: ID! t: T @relation(fields: ["id"]) @index @hidden @default(value: 1) @from(path: "x") }',
      ],
      mistakes: [
        '1:68: @index works on columns, and "t" is a relation. Put it on the column that the relation uses.',
        '1:75: @hidden works on columns, and "t" is a relation. Leave the field out instead.',
        '1:83: @default works on columns, and "t" is a relation. Put it on the column that the relation uses.',
        '1:102: @from works on columns, and "t" is a relation. Put it on the column that the relation uses.',
      ],
    },
  ])('finds $name', ({ schema, mistakes }) => {
    expect(mistakesIn(schema)).toEqual(mistakes);
  });
});
