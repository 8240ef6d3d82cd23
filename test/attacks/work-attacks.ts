import { documents, nest, repeat, variables } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

/** Many values for each of two columns of an index: their products are ranges of their own. */
const products =
  'query ($plays: [BigInt!], $prices: [Decimal!]) { songs(where: { genre: { in: [ROCK, JAZZ, OTHER] }, plays: { in: $plays }, price: { in: $prices } }) { id } }';

const branches = Array.from({ length: 50 }, (_, i) => ({
  genre: { in: ['ROCK', 'JAZZ', 'OTHER'] },
  plays: { in: Array.from({ length: 60 }, (_unused, j) => i * 60 + j) },
}));

/** Small answers for much reading. */
export const workAttacks: readonly Attack[] = [
  ...documents('UNINDEXED_SCAN', {
    'a filter without an index': '{ songs(where: { price: { gt: "999999" } }) { id } }',
    'an order without an index': '{ songs(orderBy: [{ durationMs: DESC }], limit: 1) { id } }',
    'a count without an index': '{ songsConnection(where: { price: { gt: "999999" } }) { totalCount } }',
    'a search in the middle': '{ songs(where: { title: { contains: "zzz" } }) { id } }',
    'a search that does not look at case': '{ songs(where: { title: { eq: "zzz", mode: INSENSITIVE } }) { id } }',
    'a filter that is the reverse of one': '{ songs(where: { not: { id: { neq: "zzz" } } }) { id } }',
    'a filter without an index, live': 'subscription { songs(where: { price: { gt: "999999" } }) { id } }',
    'filters that say the same': `{ songs(where: { and: [${repeat(50, '{ price: { gt: "999999" } }', ',')}] }) { id } }`,
    'an or of which one part has no index':
      '{ songs(where: { or: [{ id: { eq: "a" } }, { price: { gt: "999999" } }] }) { id } }',
    'filters within filters': `{ songs(where: ${nest(20, '{ not: ', '{ price: { lt: "0" } }', ' }')}) { id } }`,
  }),
  ...documents('LIMIT_EXCEEDED', {
    'a relation that is followed from every row':
      '{ artists(where: { songs: { every: { artist: { songs: { every: { artist: { songs: { none: { price: { lt: "0" } } } } } } } } } }) { id } }',
  }),
  ...variables(null, 'query ($where: SongWhere) { songsConnection(where: $where) { totalCount } }', {
    'ranges without end': { where: { or: branches } },
    'an index for each of many': { where: { or: Array.from({ length: 1_000 }, (_, i) => ({ id: { eq: `x${i}` } })) } },
  }),
  ...variables('UNINDEXED_SCAN', products, {
    'products of values': {
      plays: Array.from({ length: 3_500 }, (_, i) => -i - 1),
      prices: Array.from({ length: 3_000 }, (_, i) => `${i}.5`),
    },
  }),
];
