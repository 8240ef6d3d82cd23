import type { DeclaredColumn, DeclaredTable } from '../config/declared.ts';
import type { Expression } from '../model/expression.ts';
import type { Table } from './catalog.ts';
import { assignAt, assignExactly, compileFilter, compilePath, compileText } from './compile.ts';
import type { Building, DraftTable } from './draft.ts';

/** Compiles a view: its columns' expressions over the source, and its filter. */
export function compileView(building: Building, declared: DeclaredTable, draft: DraftTable, source: Table): void {
  const { origin } = declared;
  if (origin.kind !== 'view') return;
  for (const [i, column] of declared.columns.entries()) {
    const made = draft.columns[i];
    const expression = compileColumn(building, column, source);
    if (made === undefined || expression === undefined) continue;
    const assign = declared.key?.includes(column) === true ? assignExactly : assignAt;
    made.expression = assign(building, expression, column);
  }
  const { where } = origin.directive.args;
  draft.derivation = {
    kind: 'view',
    source: source.name,
    where: where && compileFilter(building, source, where, '@view(where:)', { relations: 'one' }),
    inputs: false,
  };
}

/** What a column of a view, or a dimension, is computed with; undefined where it has a mistake. */
export function compileColumn(building: Building, column: DeclaredColumn, source: Table): Expression | undefined {
  const { computed, from, name, node, unread } = column;
  if (unread) return undefined;
  if (computed !== undefined) {
    const text = { text: computed.args.expr, node: computed.at('expr'), what: '@computed' };
    return compileText(building, source, text, { relations: true, column });
  }
  if (from === undefined) return compilePath(building, source, { text: name, node: node.name, what: `"${name}"` });
  const { path } = from.args;
  // Reported where it was read.
  if (path === undefined) return undefined;
  return compilePath(building, source, { text: path, node: from.at('path'), what: '@from(path:)' });
}
