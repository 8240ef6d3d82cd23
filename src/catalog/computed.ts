import type { DeclaredTable } from '../config/declared.ts';
import type { Column } from './column.ts';
import { assignAt, compileText } from './compile.ts';
import type { Building, DraftTable } from './draft.ts';

/** Compiles the computed columns of a topic's table, over its own columns. */
export function compileComputed(building: Building, declared: DeclaredTable, draft: DraftTable): void {
  for (const [i, column] of declared.columns.entries()) {
    const { computed } = column;
    const made = draft.columns[i];
    if (computed === undefined || made === undefined) continue;
    const text = { text: computed.args.expr, node: computed.at('expr'), what: '@computed' };
    const expression = compileText(building, draft, text, { relations: false, column });
    made.expression = expression && assignAt(building, expression, column);
  }
  reportCircles(building, declared, draft);
}

/** A column that needs itself has no value. Each circle is reported once, at its first column. */
function reportCircles({ report }: Building, declared: DeclaredTable, draft: DraftTable): void {
  const done = new Set<Column>();
  const open: Column[] = [];
  function visit(column: Column): void {
    if (open.includes(column)) {
      const circle = [...open.slice(open.indexOf(column)), column].map(({ name }) => name);
      const node = declared.columns.find(({ name }) => name === column.name)?.computed?.at('expr') ?? declared.name;
      report.add(node, `@computed: ${circle.join(' → ')}: a column cannot be computed from itself.`);
      return;
    }
    if (done.has(column)) return;
    open.push(column);
    for (const read of column.expression?.reads ?? []) visit(read.column);
    open.pop();
    done.add(column);
  }
  for (const column of draft.columns) visit(column);
}
