import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Change, TableCommit } from '../model/change.ts';
import { evaluate } from '../model/evaluate.ts';
import { MaskedRow } from '../model/masked-row.ts';
import type { Row } from '../model/row.ts';
import type { ChangeStreamArguments, SeenChange } from '../query/query.ts';
import { keyText } from '../store/keys.ts';
import type { Reader } from '../store/store.ts';
import { relatedRows, type RelationStep, relationSteps, rowsRelatedTo, type TablesByName } from './relation-paths.ts';

export type CommitsByTable = ReadonlyMap<Table, TableCommit>;

/** The set of rows that a change stream is about: who is in it, and what a commit does to it. */
export interface Membership {
  /** Tables whose commits can change the set: the stream's own first, then those that `where` reaches. */
  readonly watched: readonly Table[];
  /** `where` or a mask reaches other rows, so that who is in the set, and with what, depends on a version. */
  readonly crossing: boolean;
  /** The row as the subscriber sees it; undefined where it is not in the set. */
  see(row: Row, reader: Reader): Row | undefined;
  /**
   * What one commit does, seen from within the set. The readers read just before it and just after it; they are not
   * used where `crossing` is false. At most one change a row: the table's own in the order of the feed, then rows that
   * entered or left, or may be read in other columns, because a related row changed; all in the order of their keys where
   * there are rows, or fields, that the subscriber may not read.
   */
  changes(commits: CommitsByTable, before: Reader, after: Reader): readonly SeenChange[];
}

export function createMembership(tables: TablesByName, stream: ChangeStreamArguments): Membership {
  const { table, where, masks, operations } = stream;
  const steps = [where, ...masks.values()].flatMap((each) =>
    each === undefined ? [] : relationSteps(tables, table, each),
  );
  const restricted = stream.grants.get(table.name) !== '';
  // Of this table, or of another that decides who is in the set, there are rows that are none of the subscriber's.
  const guarded = [...stream.grants.values()].some((grant) => grant !== '');
  const shown = table.columns.filter(({ hidden }) => !hidden);

  function see(row: Row, reader: Reader): Row | undefined {
    const related = relatedRows(steps, reader);
    if (where !== undefined && evaluate(where, row, related) !== true) return undefined;
    if (masks.size === 0) return row;
    const unreadable = new Set<Column>();
    for (const [column, mask] of masks) if (evaluate(mask, row, related) !== true) unreadable.add(column);
    return unreadable.size === 0 ? row : new MaskedRow(row, (column) => !unreadable.has(column));
  }

  /** The change as those see it who see these images of the row; undefined where they see none. */
  function changeOf(
    { key, timestampMs }: Pick<Change, 'key' | 'timestampMs'>,
    committedMs: number,
    before: Row | undefined,
    after: Row | undefined,
  ): SeenChange | undefined {
    if (after === undefined) {
      if (before === undefined) return undefined;
      // Whose rules decide what is a deletion learns nothing of the row, or of the record, but that it is gone.
      if (restricted) return { kind: 'delete', key, timestampMs: committedMs };
      return { kind: 'delete', key, before, timestampMs };
    }
    if (before === undefined) return { kind: 'insert', key, after, timestampMs };
    const hides = masks.size > 0 && shown.every((column) => before.json(column) === after.json(column));
    return hides ? undefined : { kind: 'update', key, before, after, timestampMs };
  }

  return {
    watched: [...new Set([table, ...steps.map((step) => step.target)])],
    crossing: steps.length > 0,
    see,
    changes: (commits, before, after) => {
      const changes: SeenChange[] = [];
      const add = (change: SeenChange | undefined) => {
        if (change !== undefined && operations.has(operationOf[change.kind])) changes.push(change);
      };
      const [commit] = commits.values();
      const committedMs = commit?.committedMs ?? 0;
      const own = commits.get(table)?.changes ?? [];
      for (const change of own) {
        const was = change.before && see(change.before, before);
        add(changeOf(change, committedMs, was, change.after && see(change.after, after)));
      }
      // Rows that are not kept are in the set or not when they come, and never again.
      if (steps.length > 0 && table.kept) {
        const timestampMs = guarded ? committedMs : newest(commits);
        for (const row of movedByRelated(table, steps, commits, [before, after])) {
          const was = see(row, before);
          const is = see(row, after);
          // The row is as it was: only where it is in the set, or may be read otherwise, is there something to tell.
          if (was !== is) add(changeOf({ key: row.key, timestampMs }, committedMs, was, is));
        }
      }
      // In the order of the feed a row may stand where it was first written: as another's, or with what is guarded.
      return restricted && table.kept ? changes.sort((a, b) => Buffer.compare(a.key, b.key)) : changes;
    },
  };
}

const operationOf = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** Rows of the table that did not change themselves, but are related to rows that did; each once, in key order. */
function movedByRelated(
  table: Table,
  steps: readonly RelationStep[],
  commits: CommitsByTable,
  readers: readonly Reader[],
): readonly Row[] {
  const changed = new Set((commits.get(table)?.changes ?? []).map(({ key }) => keyText(key)));
  const moved = new Map<string, Row>();
  for (const step of steps) {
    const images = (commits.get(step.target)?.changes ?? [])
      .flatMap(({ before, after }) => [before, after])
      .filter((row) => row !== undefined);
    if (images.length === 0) continue;
    for (const row of rowsRelatedTo(step, images, readers)) {
      const text = keyText(row.key);
      if (!changed.has(text)) moved.set(text, row);
    }
  }
  return [...moved.values()].toSorted((a, b) => Buffer.compare(a.key, b.key));
}

function newest(commits: CommitsByTable): number {
  let newestMs = 0;
  for (const { changes } of commits.values()) {
    for (const { timestampMs } of changes) newestMs = Math.max(newestMs, timestampMs);
  }
  return newestMs;
}
