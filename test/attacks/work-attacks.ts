import { documents, nest, repeat, variables } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

/** Values for both columns of an index: each of a genre with each of a number is a range. */
const branches = Array.from({ length: 100 }, (_, i) => ({
  genre: { in: ['ROCK', 'JAZZ', 'OTHER'] },
  plays: { in: Array.from({ length: 100 }, (_unused, j) => i * 100 + j) },
}));

const byFilter = 'query ($where: SongWhere) { songsConnection(where: $where) { totalCount } }';

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
    'an or of nothing': '{ songs(where: { or: [] }) { id } }',
    'filters within filters': `{ songs(where: ${nest(20, '{ not: ', '{ price: { lt: "0" } }', ' }')}) { id } }`,
  }).map((attack): Attack => ({ ...attack, ofMany: true })),
  ...documents('LIMIT_EXCEEDED', {
    'a relation that is followed from every row': `{ artists(where: { ${nest(3, 'songs: { every: { artist: { ', 'songs: { none: { price: { lt: "0" } } }', ' } } }')} }) { id } }`,
    'a relation that is followed from every row, live': `subscription { artists(where: { ${nest(3, 'songs: { every: { artist: { ', 'songs: { none: { price: { lt: "0" } } }', ' } } }')} }) { id } }`,
  }).map((attack): Attack => ({ ...attack, ofMany: true })),
  ...variables('LIMIT_EXCEEDED', byFilter, { 'ranges without end': { where: { or: branches } } }).map(
    (attack): Attack => ({ ...attack, ofMany: true }),
  ),
  ...variables('LIMIT_EXCEEDED', byFilter, {
    'an index for each of many': { where: { or: Array.from({ length: 1_000 }, (_, i) => ({ id: { eq: `x${i}` } })) } },
    'a filter of five thousand conditions': {
      where: { and: Array.from({ length: 5_000 }, (_, i) => ({ id: { neq: `x${i}` } })) },
    },
  }),
  ...variables(
    'LIMIT_EXCEEDED',
    `query ($where: SongWhere, $by: [SongOrderBy!]) { ${repeat(19, (i) => `a${i}: songsConnection(where: $where, orderBy: $by) { totalCount }`)} }`,
    {
      'one filter for many fields': {
        where: { or: Array.from({ length: 100 }, (_, i) => ({ id: { eq: `x${i}` } })) },
      },
      'one list of values for many fields': { where: { id: { in: Array.from({ length: 5_000 }, (_, i) => `x${i}`) } } },
      'one order for many fields': { by: Array.from({ length: 4_000 }, () => ({ title: 'ASC' })) },
    },
  ),
  ...variables(null, byFilter, {
    'an index for each of hundreds': {
      where: { or: Array.from({ length: 400 }, (_, i) => ({ id: { eq: `x${i}` } })) },
    },
    'more values than are ranges of their own': {
      where: { genre: { in: ['JAZZ', 'OTHER'] }, plays: { in: Array.from({ length: 9_000 }, (_, i) => -i - 1) } },
    },
  }),
];
