import type { Mutant } from './mutants.ts';

const derive = 'test/unit/derive';

/** Seeded bugs of views, aggregations and windows. */
export const derivedMutants: readonly Mutant[] = [
  {
    name: 'derived: what a row brought to its group is not taken out again',
    file: 'src/derive/aggregation.ts',
    search: "if (before !== undefined && was !== undefined) change(before, 'retract', was, timestampMs);",
    replace:
      "if (before !== undefined && was !== undefined && is === undefined) change(before, 'retract', was, timestampMs);",
    suite: `${derive}/kafka-streams.test.ts`,
  },
  {
    name: 'derived: a related row that goes is not followed back',
    file: 'src/derive/joins.ts',
    search: 'return [before, after].flatMap((row)',
    replace: 'return (before === undefined || after !== undefined ? [after] : []).flatMap((row)',
    suite: `${derive}/kafka-streams.test.ts`,
  },
  {
    name: 'derived: of several related rows the last',
    file: 'src/derive/related.ts',
    search:
      'for (const found of matching(reader, join.target, join.references, join.columns, row)) return found;\n  return undefined;',
    replace: 'return [...matching(reader, join.target, join.references, join.columns, row)].at(-1);',
    suite: `${derive}/related.test.ts`,
  },
  {
    name: 'derived: a view keeps rows that its filter no longer does',
    file: 'src/derive/view.ts',
    search: 'if (!keeps(tx, row)) {\n      tx.delete(table, key, changedMs);',
    replace: 'if (!keeps(tx, row)) {',
    suite: `${derive}/kafka-streams.test.ts`,
  },
  {
    name: 'derived: buckets that a row was refused for before are forgotten when it is judged again',
    file: 'src/derive/lateness.ts',
    search: 'this.#judged.get(keyText(key))?.[when]',
    replace: 'this.#judged.get(keyText(key))?.after',
    suite: `${derive}/windows-lateness.test.ts`,
  },
  {
    name: 'derived: a record is late by the time of another partition',
    file: 'src/derive/lateness.ts',
    search: 'const closedTo = this.#streamTime.of(partition) - graceMs;',
    replace: 'const closedTo = this.#streamTime.greatest - graceMs;',
    suite: `${derive}/windows-lateness.test.ts`,
  },
  {
    name: 'derived: a row that stays in its bucket is judged again',
    file: 'src/derive/lateness.ts',
    search: 'bucket.endMs <= closedTo && !counted.has(bucketId(bucket))',
    replace: 'bucket.endMs <= closedTo && !counted.has(bucketId(bucket) + 1)',
    suite: `${derive}/windows-lateness.test.ts`,
  },
  {
    name: 'derived: buckets close a millisecond early',
    file: 'src/derive/aggregation.ts',
    search: 'const closed = bucket !== undefined && bucket.endMs <= closedTo;',
    replace: 'const closed = bucket !== undefined && bucket.endMs <= closedTo + 1;',
    suite: `${derive}/windows-closing.test.ts`,
  },
  {
    name: 'derived: buckets stay a millisecond past retention',
    file: 'src/derive/aggregation.ts',
    search: 'tx.keysByTime(table, -Infinity, goneTo + 1)',
    replace: 'tx.keysByTime(table, -Infinity, goneTo)',
    suite: `${derive}/windows-closing.test.ts`,
  },
  {
    name: "derived: what was counted goes with the source's retention",
    file: 'src/derive/aggregation.ts',
    search: 'if (expired) {\n        lateness?.forget(key);\n        continue;\n      }',
    replace: 'if (expired) lateness?.forget(key);',
    suite: `${derive}/moves.test.ts`,
  },
  {
    name: "derived: inputs go with the source's retention",
    file: 'src/derive/view.ts',
    search: 'if (move.expired && definition.inputs) continue;',
    replace: 'if (move.expired && definition.inputs && source.name === table.name) continue;',
    suite: `${derive}/inputs.test.ts`,
  },
  {
    name: 'derived: a session is not cut where a row has gone from its middle',
    file: 'src/derive/sessions.ts',
    search: 'else if (behind - before > gapUs) {',
    replace: 'else if (behind - before > 2n * gapUs) {',
    suite: `${derive}/sessions.test.ts`,
  },
  {
    name: 'derived: rows of a session that another swallows are lost',
    file: 'src/derive/sessions.ts',
    search: 'other.group.retract(row);\n          opened.group.add(row);',
    replace: 'other.group.retract(row);',
    suite: `${derive}/sessions.test.ts`,
  },
  {
    name: 'derived: hops miss their earliest bucket',
    file: 'src/derive/buckets.ts',
    search: '(Math.ceil(sizeMs / advanceMs) - 1)',
    replace: '(Math.ceil(sizeMs / advanceMs) - 2)',
    suite: `${derive}/windows.test.ts`,
  },
  {
    name: 'derived: a distinct value is gone with the first of its rows',
    file: 'src/aggregate/distinct-part.ts',
    search: 'const after = before + rows;',
    replace: 'const after = rows < 0 ? 0 : before + rows;',
    suite: 'test/unit/aggregate/groups.test.ts',
  },
  {
    name: 'derived: equal Decimals are groups of their own',
    file: 'src/derive/contribution.ts',
    search: '? canonicalDecimal(value as string)',
    replace: '? (value as string)',
    suite: `${derive}/contribution.test.ts`,
  },
  {
    name: 'derived: a row that moves twice in a commit is followed once',
    file: 'src/store/table-writes.ts',
    search: 'if (pending.drained === pending.after) this.#undrained.push(pending);',
    replace:
      'if (pending.drained === pending.after && pending.drained === pending.before) this.#undrained.push(pending);',
    suite: `${derive}/moves.test.ts`,
  },
  {
    name: 'derived: a table is made of the first rows of its source alone',
    file: 'src/derive/build.ts',
    search: 'built = rows.length < rowsPerCommit;',
    replace: 'built = rows.length > 0;',
    suite: `${derive}/build.test.ts`,
  },
  {
    name: 'derived: a table whose making was cut short is gone on with',
    file: 'src/derive/build.ts',
    search: 'tx.clear(table);',
    replace: '',
    suite: `${derive}/build.test.ts`,
  },
  {
    name: 'derived: a table that was away comes back as it was',
    file: 'src/store/prepare.ts',
    search: 'stored === undefined || stored.away === true || anew',
    replace: 'stored === undefined || anew',
    suite: `${derive}/schema-changes.test.ts`,
  },
  {
    name: 'derived: buckets that retention removed are taken for whole where retention is longer now',
    file: 'src/store/stored-catalog.ts',
    search: 'stored.retentionMs < (table.retentionMs ?? Infinity)',
    replace: 'stored.retentionMs < 0',
    suite: `${derive}/schema-changes.test.ts`,
  },
  {
    name: 'derived: rows that a sweep removes stay',
    file: 'src/ingest/ingest.ts',
    search: 'endSweeps(tx);\n        if (clockDue) fold.tick(tx, clock.look(tx));\n        fold.finish(tx);',
    replace: 'if (clockDue) fold.tick(tx, clock.look(tx));\n        fold.finish(tx);\n        endSweeps(tx);',
    suite: 'test/unit/ingest/sweep.test.ts',
  },
];
