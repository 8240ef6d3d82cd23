import type { Table } from '../catalog/catalog.ts';
import type { Change, TableCommit } from '../model/change.ts';
import { evaluate } from '../model/evaluate.ts';
import type { Row } from '../model/row.ts';
import type { ChangeStreamArguments } from '../query/query.ts';
import { keyText } from '../store/keys.ts';
import type { Reader } from '../store/store.ts';
import { relatedRows, type RelationStep, relationSteps, rowsRelatedTo, type TablesByName } from './relation-paths.ts';

export type CommitsByTable = ReadonlyMap<Table, TableCommit>;

/** The set of rows that a change stream is about: who is in it, and what a commit does to it. */
export interface Membership {
  /** Tables whose commits can change the set: the stream's own first, then those that `where` reaches. */
  readonly watched: readonly Table[];
  /** `where` reaches other rows, so that who is in the set depends on a version. */
  readonly crossing: boolean;
  includes(row: Row, reader: Reader): boolean;
  /**
   * What one commit does, seen from within the set. The readers read just before it and just after it; they are not
   * used where `crossing` is false. At most one change a row: the table's own in the order of the feed, then rows that
   * entered or left because a related row changed.
   */
  changes(commits: CommitsByTable, before: Reader, after: Reader): readonly Change[];
}

export function createMembership(tables: TablesByName, stream: ChangeStreamArguments): Membership {
  const { table, where, operations } = stream;
  const steps = where === undefined ? [] : relationSteps(tables, table, where);
  const includes = (row: Row, reader: Reader) =>
    where === undefined || evaluate(where, row, relatedRows(steps, reader)) === true;
  return {
    watched: [...new Set([table, ...steps.map((step) => step.target)])],
    crossing: steps.length > 0,
    includes,
    changes: (commits, before, after) => {
      const changes: Change[] = [];
      const add = (change: Change | undefined) => {
        if (change !== undefined && operations.has(operationOf[change.kind])) changes.push(change);
      };
      const own = commits.get(table)?.changes ?? [];
      for (const change of own) {
        const wasIn = change.before !== undefined && includes(change.before, before);
        const isIn = change.after !== undefined && includes(change.after, after);
        add(relative(change, wasIn, isIn));
      }
      // Rows that are not kept are in the set or not when they come, and never again.
      if (steps.length > 0 && table.kept) {
        const timestampMs = newest(commits);
        for (const row of movedByRelated(table, steps, commits, [before, after])) {
          const wasIn = includes(row, before);
          const isIn = includes(row, after);
          if (!wasIn && isIn) add({ kind: 'insert', key: row.key, after: row, timestampMs });
          if (wasIn && !isIn) add({ kind: 'delete', key: row.key, before: row, timestampMs });
        }
      }
      return changes;
    },
  };
}

const operationOf = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

/** The change as those see it who see the row only while it is in the set. */
function relative({ key, before, after, timestampMs }: Change, wasIn: boolean, isIn: boolean): Change | undefined {
  if (wasIn && isIn && before !== undefined && after !== undefined) {
    return { kind: 'update', key, before, after, timestampMs };
  }
  if (isIn && after !== undefined) return { kind: 'insert', key, after, timestampMs };
  if (wasIn && before !== undefined) return { kind: 'delete', key, before, timestampMs };
  return undefined;
}

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
