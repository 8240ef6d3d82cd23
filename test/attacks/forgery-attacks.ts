import { encodePosition } from '../../src/model/position.ts';
import { base64url, documents, nest, repeat } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

const after = (cursor: string): string => `{ songsConnection(after: ${JSON.stringify(cursor)}) { nodes { id } } }`;
const node = (nodeId: string): string => `{ node(nodeId: ${JSON.stringify(nodeId)}) { nodeId __typename } }`;
const since = (position: string): string =>
  `subscription { songChanges(after: ${JSON.stringify(position)}) { position } }`;
const waiting = (args: string): string => `query @atLeast(${args}) { songs { id } }`;

function of(make: (token: string) => string, tokens: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, make(token)]));
}

const foreign = encodePosition({
  storeId: 'another',
  version: 1,
  offsets: new Map([['songs', new Map([[0, 1]])]]),
});

/** Cursors, ids and positions that nobody was given. */
export const forgeryAttacks: readonly Attack[] = [
  ...documents(
    'BAD_USER_INPUT',
    of(after, {
      'a cursor of nothing': '',
      'a cursor that is no base64': '!!!!',
      'a cursor that is a path': '../../etc/passwd',
      'a cursor that is no JSON': base64url('{'),
      'a cursor that is an object': base64url('{"__proto__":{"a":1}}'),
      'a cursor that is null': base64url('null'),
      'a cursor that is an empty list': base64url('[]'),
      'a cursor with another hash': base64url('["AAAAAAAA","s1"]'),
      'a cursor with a number for a hash': base64url('[1e400,"s1"]'),
      'a cursor nested three thousand deep': base64url(nest(3_000, '[', '', ']')),
      'a cursor of six thousand letters': 'A'.repeat(6_000),
      'a cursor with a null byte': base64url('["\\u0000"]'),
    }),
  ),
  ...documents(null, {
    ...of(node, {
      'the id of nothing': '',
      'an id that is no base64': '!!!!',
      'an id that is no JSON': base64url('{'),
      'a node id that is an object': base64url('{"0":"Song","1":"s1"}'),
      'an id of a row that there is not': base64url('["Song","nothing"]'),
      'an id of a hidden table': base64url('["Secret","1"]'),
      'an id of a table that is not exposed': base64url('["Internal","1"]'),
      'an id of __proto__': base64url('["__proto__","1"]'),
      'an id of constructor': base64url('["constructor","1"]'),
      'an id with too many parts': base64url('["Song","s1","s2"]'),
      'an id with parts that are lists': base64url('["Song",["s1"]]'),
      'an id with a null for a key': base64url('["Song",null]'),
      'an id nested three thousand deep': base64url(nest(3_000, '[', '', ']')),
      'an id with digits in other words': base64url('["Play","s1",1.0]'),
      'an id that is written in another way': `${base64url('["Song","s1"]')}==`,
    }),
    'an empty position': waiting('position: null'),
  }),
  ...documents('BAD_USER_INPUT', {
    ...of((position) => waiting(`position: ${JSON.stringify(position)}`), {
      'a position that is nonsense': 'nonsense',
      'a position that is empty': '',
      'a position that is JSON': base64url('{"storeId":"x","version":1}'),
      'a position of six thousand letters': 'A'.repeat(6_000),
    }),
    'an offset of a topic that nobody reads': waiting('offsets: [{ topic: "passwords", partition: 0, offset: 1 }]'),
    'an offset of a topic of another table': waiting('offsets: [{ topic: "secrets", partition: 0, offset: 1 }]'),
    'an offset below nothing': waiting('offsets: [{ topic: "songs", partition: 0, offset: -1 }]'),
    'an offset behind all numbers': waiting('offsets: [{ topic: "songs", partition: 0, offset: "9007199254740992" }]'),
    'an offset of a partition below nothing': waiting('offsets: [{ topic: "songs", partition: -1, offset: 1 }]'),
    'a wait of less than nothing': waiting('timeoutMs: -1'),
    'offsets of __proto__': waiting('offsets: [{ topic: "__proto__", partition: 0, offset: 1 }]'),
    ...of(since, {
      'a change stream after nonsense': 'nonsense',
      'a change stream after nothing': '',
      'a change stream after JSON': base64url('{"version":9}'),
    }),
    'a change stream whose snapshot nobody would see':
      'subscription { songChanges(operations: [DELETE], snapshot: true) { position } }',
  }),
  ...documents('POSITION_EXPIRED', { 'a change stream after a position of another store': since(foreign) }),
  ...documents('POSITION_NOT_REACHED', {
    'a wait for what will never be': waiting(
      'offsets: [{ topic: "songs", partition: 0, offset: "9007199254740990" }], timeoutMs: 1',
    ),
    'a wait for a thousand partitions': waiting(
      `offsets: [${repeat(80, (i) => `{ topic: "songs", partition: ${i}, offset: 999999 }`, ',')}], timeoutMs: 0`,
    ),
  }),
  ...(
    [
      ['a text', 'x'],
      ['a list', []],
      ['an object of other names', { position: null, offset: 1 }],
      ['offsets that are an object', { offsets: {} }],
      ['offsets that are null', { offsets: [null] }],
      ['an offset without its partition', { offsets: [{ topic: 'songs', offset: 1 }] }],
      ['a position that is a number', { position: 5 }],
      ['a time that is a text', { timeoutMs: 'forever' }],
    ] as const
  ).map(([what, atLeast]): Attack => ({
    name: `extensions.atLeast that is ${what}`,
    request: { query: '{ songs { id } }', extensions: { atLeast } },
    code: 'BAD_USER_INPUT',
  })),
];
