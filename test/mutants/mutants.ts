import { attackMutants } from './attack-mutants.ts';
import { consoleMutants } from './console-mutants.ts';
import { derivedMutants } from './derived-mutants.ts';
import { identityMutants } from './identity-mutants.ts';
import { leakMutants } from './leak-mutants.ts';
import { limitMutants } from './limit-mutants.ts';
import { liveMutants } from './live-mutants.ts';
import { ruleMutants } from './rule-mutants.ts';
import { serverMutants } from './server-mutants.ts';

/** One seeded bug: in `file`, `search` (which must be there exactly once) becomes `replace`; `suite` should notice. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
  /** A path for vitest. */
  readonly suite: string;
}

const oracle = 'test/oracle/oracle.test.ts';
const positions = 'test/unit/live/change-positions.test.ts';
const hub = 'test/unit/live/hub.test.ts';
const differential = 'test/unit/query/differential.test.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'index entry not written on update',
    file: 'src/store/table-writes.ts',
    search: '(!stays || index.covering)',
    replace: 'before === undefined',
    suite: oracle,
  },
  {
    name: 'an index that covers keeps the row as it was where no column of the index changes',
    file: 'src/store/table-writes.ts',
    search: 'if (same && !index.covering) return;',
    replace: 'if (same) return;',
    suite: 'test/unit/store/model.test.ts',
  },
  {
    name: 'old index entry kept on update',
    file: 'src/store/table-writes.ts',
    search: 'entries.remove(before.bytes);',
    replace: 'if (after === undefined) entries.remove(before.bytes);',
    suite: oracle,
  },
  {
    name: 'tombstone lost where the commit has another record of the key',
    file: 'src/store/table-writes.ts',
    search: 'const pending = this.#pendingOf(key);\n    if (pending.after === undefined) return;',
    replace:
      'const pending = this.#pendingOf(key);\n    if (pending.after === undefined || pending.after !== pending.before) return;',
    suite: oracle,
  },
  {
    name: 'rows not counted down on delete',
    file: 'src/store/table-writes.ts',
    search: 'this.#rowsAdded -= 1;',
    replace: '',
    suite: oracle,
  },
  {
    name: 'a row that was looked at is found in a table that was emptied since',
    file: 'src/store/table-writes.ts',
    search: 'this.#found = undefined;',
    replace: '',
    suite: 'test/unit/store/store.test.ts',
  },
  {
    name: 'a column of as many bytes is taken for the same',
    file: 'src/store/row-image.ts',
    search: 'if (mine.slab.bytes[from + i] !== others.slab.bytes[otherFrom + i]) return false;',
    replace: '',
    suite: oracle,
  },
  {
    name: 'a backslash is stored as it is',
    file: 'src/store/row-writer.ts',
    search: ' || unit === backslash',
    replace: '',
    suite: 'test/unit/store/row-codec.test.ts',
  },
  {
    name: 'last change of a commit not in the feed',
    file: 'src/store/table-writes.ts',
    search: 'for (const change of changes) {\n      const packed',
    replace: 'for (const change of changes.slice(0, Math.max(1, changes.length - 1))) {\n      const packed',
    suite: oracle,
  },
  {
    name: 'unchanged row not as new as the record that repeats it',
    file: 'src/store/table-writes.ts',
    search: 'if (time === undefined || stored?.timestampMs === current?.timestampMs) return;',
    replace: 'if (time === undefined || (stored !== undefined && current !== undefined)) return;',
    suite: oracle,
  },
  {
    name: 'retention forgets a partition',
    file: 'src/store/write-transaction.ts',
    search: 'for (const key of keys) writes.delete(key, writes.record.streamTime);',
    replace:
      'for (const key of keys) if (writes.get(key)?.partition !== 1) writes.delete(key, writes.record.streamTime);',
    suite: oracle,
  },
  {
    name: 'offsets stored only where rows changed',
    file: 'src/store/table-writes.ts',
    search: 'if (this.offsets !== this.#foundOffsets && isTopicTable(this.table)) {',
    replace: 'if (this.offsets !== this.#foundOffsets && isTopicTable(this.table) && changes.length > 0) {',
    suite: oracle,
  },
  {
    name: 'stream time counts bad records',
    file: 'src/ingest/apply.ts',
    search: "    if (kind === 'bad') {\n",
    replace: "    if (kind === 'bad') {\n      if (timestampMs > streamTime) streamTime = timestampMs;\n",
    suite: oracle,
  },
  {
    name: 'bad record deletes its row',
    file: 'src/ingest/batch-decoder.ts',
    search: "    } else if (decoded.kind === 'bad') {\n",
    replace:
      "    } else if (decoded.kind === 'bad') {\n      kinds[i] = 2;\n      key = Buffer.concat([Buffer.of(1), records[i]?.key ?? Buffer.of(), Buffer.of(0)]);\n",
    suite: oracle,
  },
  {
    name: 'a record of a batch has the offset of the first',
    file: 'src/ingest/decoded-batch.ts',
    search: 'return this.#columns.offsets[record] ?? 0;',
    replace: 'return this.#columns.offsets[0] ?? record;',
    suite: 'test/unit/ingest/batch-decoder.test.ts',
  },
  {
    name: 'rows of a batch that fill a slab are copied from one',
    file: 'src/ingest/batch-decoder.ts',
    search: 'if (last?.slab === slab && last.end === start) last.end = end;',
    replace:
      'if (last !== undefined && last.slab !== slab) last.end += end - start;\n  else if (last?.slab === slab) last.end = end;',
    suite: 'test/unit/ingest/batch-decoder.test.ts',
  },
  {
    name: 'decoding runs ahead without end',
    file: 'src/ingest/look-ahead.ts',
    search: 'sizes.length < always || bytes < enoughBytes',
    replace: 'sizes.length < 2 * always || bytes < enoughBytes',
    suite: 'test/unit/ingest/look-ahead.test.ts',
  },
  {
    name: 'what is decided after an incident gets before the records that were read before it',
    file: 'src/ingest/ingest.ts',
    search: 'pending.push({ apply, records: 0, committed: () => {} });\n    schedule();',
    replace: 'pending.unshift({ apply, records: 0, committed: () => {} });\n    schedule();',
    suite: 'test/unit/ingest/order.test.ts',
  },
  {
    name: 'an anchor waits for the newest records that were read',
    file: 'src/ingest/ingest.ts',
    search: 'pending.push({ apply, records: 0, committed: () => {} });\n    },',
    replace: 'apply();\n    },',
    suite: 'test/unit/ingest/order.test.ts',
  },
  {
    name: 'repeat replaces the first record of an APPEND table',
    file: 'src/ingest/apply.ts',
    search: "if (table.mode !== 'APPEND') return false;",
    replace: 'if (table.columns.length > 0) return false;',
    suite: oracle,
  },
  {
    name: 'key and value may disagree',
    file: 'src/decode/decode.ts',
    search: 'if (repeated === null || equalValues(column.type, value, repeated)) return value;',
    replace: 'if (repeated === null || equalValues(column.type, value, repeated) || column.required) return value;',
    suite: oracle,
  },
  {
    name: 'resume off by one',
    file: 'src/live/change-shape.ts',
    search: 'this.#commitsAfter(snapshot, point.version)',
    replace: 'this.#commitsAfter(snapshot, point.version + 1)',
    suite: oracle,
  },
  {
    name: 'frame with the position of an older one',
    file: 'src/live/live-shape.ts',
    search: 'if (this.#frame?.version !== snapshot.version) {',
    replace: 'if (this.#frame === undefined) {',
    suite: oracle,
  },
  {
    name: 'frame with the newest position and an old answer',
    file: 'src/live/live-shape.ts',
    search: 'const reader = new RecordingReader(snapshot);',
    replace:
      'const reader = new RecordingReader(snapshot);\n    if (this.#answer > 1 && this.#answer % 2 === 0 && snapshot.version % 3 === 0) {\n      this.#dirty = false;\n      return;\n    }',
    suite: oracle,
  },
  {
    name: 'conflation loses the newest answer',
    file: 'src/live/live-shape.ts',
    search: '(member.sent === this.#answer ? this.#current : this.#behind).add(member);',
    replace: '(member.sent > 0 ? this.#current : this.#behind).add(member);',
    suite: hub,
  },
  {
    name: 'position of the first table alone',
    file: 'src/live/live-shape.ts',
    search: 'encodePosition(positionOf(this.prepared, snapshot))',
    replace: 'encodePosition(positionOf({ ...this.prepared, tables: this.prepared.tables.slice(0, 1) }, snapshot))',
    suite: oracle,
  },
  {
    name: 'row got by key not in the read set',
    file: 'src/live/read-set.ts',
    search: 'if (!this.#fromIndex.has(key)) this.#keys.push({ table, key });',
    replace: 'if (this.#keys.length === 0) this.#keys.push({ table, key });',
    suite: oracle,
  },
  {
    name: 'row that moves out of a range not routed',
    file: 'src/live/router.ts',
    search: 'if (before !== undefined) this.#touchAccess(access, before, change.key, mark);',
    replace: 'if (before !== undefined && after === undefined) this.#touchAccess(access, before, change.key, mark);',
    suite: oracle,
  },
  {
    name: 'row that leaves the set not told',
    file: 'src/live/membership.ts',
    search: 'add(changeOf(change, committedMs, was, change.after && see(change.after, after)));',
    replace:
      'const is = change.after && see(change.after, after);\n        if (is !== undefined || change.after === undefined) add(changeOf(change, committedMs, was, is));',
    suite: oracle,
  },
  {
    name: 'rows moved by a related row not told',
    file: 'src/live/membership.ts',
    search: 'if (was !== is) add(',
    replace: 'if (was !== is && row.offset < 0) add(',
    suite: oracle,
  },
  {
    name: 'history one commit too young',
    file: 'src/feed/history.ts',
    search: '?.find((image) => image.version > version);',
    replace: '?.find((image) => image.version > version + 1);',
    suite: oracle,
  },
  {
    name: 'NOT of unknown is true',
    file: 'src/model/evaluate.ts',
    search: 'return answer === null ? null : !answer;',
    replace: 'return !answer;',
    suite: oracle,
  },
  {
    name: 'strings in the order of UTF-16',
    file: 'src/model/value.ts',
    search: 'return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;',
    replace: 'return unit;',
    suite: oracle,
  },
  {
    name: 'every is true where a row is unknown',
    file: 'src/model/evaluate.ts',
    search: 'for (const row of rows) if (evaluate(part, row, related) !== true) return false;',
    replace: 'for (const row of rows) if (evaluate(part, row, related) === false) return false;',
    suite: oracle,
  },
  {
    name: 'filter after the limit',
    file: 'src/query/list-plan.ts',
    search: "const access = grantedAccess(options, grants, table, where, readOrder(grants, table, args['orderBy']));",
    replace:
      "const access = { ...grantedAccess(options, grants, table, where, readOrder(grants, table, args['orderBy'])), predicate: undefined };",
    suite: oracle,
  },
  {
    name: 'no key behind the order',
    file: 'src/query/order.ts',
    search: 'for (const term of [...terms, ...table.key.map((column) => ({ column, ...directions.ASC }))]) {',
    replace:
      'for (const term of terms.length > 0 ? terms : table.key.map((column) => ({ column, ...directions.ASC }))) {',
    suite: oracle,
  },
  {
    name: 'rows with a cut index value not compared again',
    file: 'src/query/scan.ts',
    search: 'if (predicate !== undefined) {\n      reading.work.predicatesTested',
    replace:
      "if (predicate !== undefined && !(path.kind === 'range' && path.bounded && path.index !== undefined)) {\n      reading.work.predicatesTested",
    suite: oracle,
  },
  {
    name: 'rows with cut index values in the order of their keys',
    file: 'src/query/lane-scan.ts',
    search: 'if (entry.cut) size = Math.min(size, firstCutColumn(path, entry.row()) + 1);',
    replace: 'if (entry.cut) size = Math.min(size, Infinity);',
    suite: differential,
  },
  {
    name: 'page before a cursor forgets the rows before it',
    file: 'src/query/connection.ts',
    search: 'return { rows: rows.toReversed(), moreBefore: more, moreAfter: false };',
    replace: 'return { rows: rows.toReversed(), moreBefore: false, moreAfter: more };',
    suite: oracle,
  },
  {
    name: 'feed without commits that moved offsets alone',
    file: 'src/store/table-writes.ts',
    search: 'const moved = changes.length > 0 || this.offsets.next !== this.#foundOffsets.next;',
    replace: 'const moved = changes.length > 0;',
    suite: positions,
  },
  {
    name: 'feed with the offsets behind a commit as those before it',
    file: 'src/store/table-writes.ts',
    search: 'const nextBefore = this.#foundOffsets.next;',
    replace: 'const nextBefore = this.offsets.next;',
    suite: positions,
  },
  ...attackMutants,
  ...consoleMutants,
  ...derivedMutants,
  ...identityMutants,
  ...leakMutants,
  ...limitMutants,
  ...liveMutants,
  ...ruleMutants,
  ...serverMutants,
];
