import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchema } from '../../../src/catalog/build.ts';
import { inferTables, withKey } from '../../../src/init/infer.ts';
import { printDraft } from '../../../src/init/print-draft.ts';
import { recordLine } from './samples.ts';

/** Values as records have them: the usual ones, and those that JSON allows. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '12.50',
    '7',
    '007',
    '2026-01-02',
    '2026-01-02T03:04:05Z',
    '2026-01-02 03:04',
    'PT5M',
    'Rock',
    'Jazz',
    '',
    'true',
  ),
  fc.uuid(),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1_732_183_200_000, 1_732_183_200, 2 ** 53, -(2 ** 60), 1e21, 0.1, 2_147_483_648),
);
const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const name = fc.oneof(
  fc.constantFrom(
    'id',
    '_id',
    'songId',
    'key',
    'title',
    'and',
    'not',
    'nodeId',
    'isNull',
    'price',
    'createdAt',
    'updatedAt',
    'ts',
    'op',
  ),
  fc.constantFrom(
    'first-name',
    'user.id',
    'größe',
    '__typename',
    '1st',
    '$',
    '$ref',
    'a\\b',
    'constructor',
    '名前',
    'id2',
    '',
    'artist_id',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const { value } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}));

/** Records of one shape more or less: the same members, some of them absent, null or otherwise at times. */
const rows = fc
  .dictionary(name, value, { minKeys: 1, maxKeys: 8, noNullPrototype: true })
  .chain((first) =>
    fc.array(
      fc.record(
        Object.fromEntries(
          Object.entries(first).map(([member, like]) => [
            member,
            fc.oneof(
              { weight: 6, arbitrary: fc.constant(like) },
              { weight: 2, arbitrary: leaf },
              { weight: 1, arbitrary: value },
            ),
          ]),
        ),
        { requiredKeys: [], noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 30 },
    ),
  );

/** Keys as producers write them; `own` is a member of the row. */
const key = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom('id', 'title', 'songId').map((own) => ({ own })),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((whole) => ({ whole })),
  fc.constantFrom('id', 'orderId', 'line-no').map((member) => ({ member })),
);

const topicName = fc.oneof(
  fc.constantFrom(
    'songs',
    'plays',
    'com.acme.orders.v1',
    'order-lines',
    'nodes',
    'edges',
    'Connection',
    'string',
    '2024',
    'data',
    'series',
    'a.b',
  ),
  fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/).filter((topic) => !/^\.{1,2}$/.test(topic)),
);

const topics = fc.uniqueArray(fc.tuple(topicName, rows, key, fc.boolean()), {
  minLength: 1,
  maxLength: 3,
  selector: ([topic]) => topic,
});

/** The record's key, as that rule makes it of its row. */
function keyOf(
  rule: { own?: string; whole?: string; member?: string } | undefined,
  row: Record<string, unknown>,
  i: number,
): unknown {
  if (rule === undefined) return undefined;
  if (rule.own !== undefined) return JSON.stringify(row[rule.own] ?? i).replaceAll('"', '');
  if (rule.whole !== undefined) return `${rule.whole}${i}`;
  return { [rule.member ?? 'id']: row[rule.member ?? 'id'] ?? i };
}

test('whatever the records are, the schema has no mistakes and every record is a row', () => {
  fc.assert(
    fc.property(topics, (given) => {
      const samples = given.map(([topic, objects, rule, writesKeys]) => ({
        topic,
        writesKeys,
        records: objects.map((row, i) => recordLine(keyOf(rule, row, i), row)),
      }));
      const { drafts, refused, tryRecord } = inferTables(samples);
      const files = drafts.map((draft) => ({ file: draft.type, text: printDraft(draft) }));
      const shown = files.map((file) => file.text).join('\n');
      expect(checkSchema(files).mistakes, shown).toEqual([]);
      expect([...refused], shown).toEqual([]);
      for (const [i, draft] of drafts.entries()) {
        for (const record of samples[i]?.records ?? []) {
          expect(tryRecord.get(draft.type)?.(withKey(draft, record)), shown).toBeUndefined();
        }
      }
    }),
    { numRuns: 150 },
  );
});
