import { frame, message, opcodes } from '../../support/raw-websocket.ts';

/** Valid requests of every kind against the schema of `../../support/charts.ts`: what is mutated. */
export interface Sample {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export const samples: readonly Sample[] = [
  { query: '{ __typename }' },
  { query: '{ song(id: "s1") { id title genre plays price tags sound { bpm key } extra updatedAt artist { name } } }' },
  {
    query:
      'query ($id: ID!) { song(id: $id) { ...F } } fragment F on Song { title artist { ...G } } fragment G on Artist { name }',
    variables: { id: 's1' },
  },
  {
    query: 'query One { artists { id } } query Two($n: Int = 3) { songs(limit: $n) { id } }',
    operationName: 'Two',
    variables: { n: 2 },
  },
  {
    query:
      'query ($where: SongWhere, $by: [SongOrderBy!]) { songs(where: $where, orderBy: $by, limit: 5, offset: 1) { id title } }',
    variables: {
      where: {
        and: [
          { genre: { in: ['ROCK', 'JAZZ'] } },
          { or: [{ plays: { gte: '1', lt: '9223372036854775807' } }, { not: { title: { startsWith: 'S' } } }] },
        ],
      },
      by: [{ plays: 'DESC' }, { id: 'ASC' }],
    },
  },
  {
    query:
      '{ songs(where: { artist: { name: { eq: "Artist 1" } } }, orderBy: [{ title: ASC }]) { id artist { songs(limit: 2) { id } } } }',
  },
  {
    query:
      '{ artists(where: { songs: { some: { genre: { eq: ROCK } } } }) { id songs(where: { plays: { gt: "2" } }) { id plays } } }',
  },
  {
    query:
      '{ songsConnection(first: 3, where: { genre: { eq: ROCK } }) { totalCount pageInfo { endCursor hasNextPage } edges { cursor node { id } } } }',
  },
  {
    query: 'query ($after: String) { songsConnection(first: 2, after: $after) { nodes { id } } }',
    variables: { after: 'WyJzMSJd' },
  },
  {
    query: 'query ($n: ID!) { node(nodeId: $n) { nodeId ... on Song { title } } }',
    variables: { n: 'WyJTb25nIiwiczEiXQ' },
  },
  { query: '{ _meta { position } plays(orderBy: [{ playedAt: DESC }]) { songId n playedAt song { title } } }' },
  {
    query:
      'query ($price: Decimal, $at: DateTime, $x: JSON) { songs(where: { price: { gt: $price }, updatedAt: { lt: $at } }) { id } }',
    variables: { price: '1.5', at: '2026-01-01T00:00:00Z', x: { a: [1, 2] } },
  },
  {
    query: 'query ($on: Boolean!) { songs { id @include(if: $on) title @skip(if: $on) a: genre b: genre } }',
    variables: { on: true },
  },
  { query: 'query @atLeast(offsets: [{ topic: "songs", partition: 0, offset: "0" }], timeoutMs: 1) { songs { id } }' },
  {
    query: '{ songs { id } }',
    extensions: { atLeast: { offsets: [{ topic: 'songs', partition: 0, offset: '0' }], timeoutMs: 1 } },
  },
  {
    query: '{ songs { id } }',
    extensions: {
      persistedQuery: { version: 1, sha256Hash: 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38' },
    },
  },
  { query: 'subscription { songs(where: { genre: { eq: ROCK } }, limit: 3) { id title artist { name } } }' },
  { query: 'subscription ($id: ID!) { song(id: $id) { title } }', variables: { id: 's2' } },
  {
    query:
      'subscription ($after: String) { songChanges(where: { genre: { eq: JAZZ } }, operations: [INSERT, DELETE], snapshot: true, after: $after) { position live reset changes { operation rowId node { title } before { title } } } }',
    variables: { after: null },
  },
  { query: 'subscription { playChanges(after: "WyJhbm90aGVyIiwxLHt9XQ") { position changes { node { songId } } } }' },
  { query: 'query { __schema { types { name fields { name } } } __type(name: "Song") { name } }' },
  { query: '{ songs(where: {genre: {eq: ROCK}}) { id } """ block """ }' },
];

const init = { type: 'connection_init', payload: { authorization: null, headers: { 'x-api-key': '' } } };

/** What a client says over a socket, one conversation each. */
export const conversations: readonly (readonly unknown[])[] = samples.map((sample, at) => [
  init,
  { type: 'ping', payload: { at } },
  { id: `${at}`, type: 'subscribe', payload: sample },
  { id: 'b', type: 'subscribe', payload: { query: '{ __typename }' } },
  { id: `${at}`, type: 'complete' },
  { type: 'pong' },
]);

/** What is out of place anywhere: of servers, of another protocol, a second beginning. */
export const strays: readonly unknown[] = [
  { type: 'connection_ack' },
  { id: 'b', type: 'next', payload: { data: {} } },
  { id: 'b', type: 'error', payload: [{ message: 'x' }] },
  { id: 'b', type: 'start', payload: { query: '{ __typename }' } },
  { id: 'b', type: 'complete' },
  { type: 'connection_terminate' },
  init,
];

/** The same as bytes; now and then in pieces, with the protocol's own pings. */
export function framesOf(conversation: readonly unknown[], cut: (length: number) => number): Buffer {
  return Buffer.concat(
    conversation.flatMap((value) => {
      const text = JSON.stringify(value) ?? '';
      const at = cut(text.length);
      if (at === 0) return [message(text)];
      return [
        frame(opcodes.text, text.slice(0, at), { final: false }),
        frame(opcodes.ping, 'x'),
        frame(opcodes.continuation, text.slice(at)),
      ];
    }),
  );
}
