import type { ColumnPath, Expression, RelatedOne } from '../model/expression.ts';
import type { ColumnReader } from '../model/predicate.ts';
import { memberOf } from '../model/value.ts';
import type { ColumnType, Value } from '../model/value.ts';

/** The expression that reads a path and does no more. Any name can be read so, also one that is a word of expressions. */
export function pathExpression(path: ColumnPath, type: ColumnType, nullable: boolean, text: string): Expression {
  return { text, type, nullable, reads: [path], evaluate: readerOf(path) };
}

function readerOf({ column, fields, relations }: ColumnPath): Expression['evaluate'] {
  if (relations.length === 0 && fields.length === 0) return (row) => row.value(column);
  return (row: ColumnReader, one: RelatedOne): Value => {
    let at: ColumnReader | undefined = row;
    for (const relation of relations) {
      at = one(at, relation);
      if (at === undefined) return null;
    }
    let value = at.value(column);
    for (const field of fields) {
      if (value === null) return null;
      value = memberOf(value, field);
    }
    return value;
  };
}
