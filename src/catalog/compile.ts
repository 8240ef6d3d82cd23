import type { ASTNode, ValueNode } from 'graphql';
import { must } from '../common/errors.ts';
import type { DeclaredColumn } from '../config/declared.ts';
import { literalAt, whereToInput } from '../config/literal.ts';
import type { TypesByName } from '../config/literal.ts';
import { typeText } from '../config/rules.ts';
import type { Expression } from '../model/expression.ts';
import type { Predicate } from '../model/predicate.ts';
import { sameType } from './aggregate-types.ts';
import type { Table } from './catalog.ts';
import type { Building } from './draft.ts';
import { assignTo } from './expression-assign.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import { scopeOf } from './expression-scope.ts';
import type { ScopeTable } from './expression-scope.ts';
import { compileExpression } from './expression.ts';
import type { ExpressionScope } from './expression.ts';
import { pathExpression } from './paths.ts';
import { WhereError } from './where-operand.ts';
import { compileWhere } from './where.ts';
import type { WhereOptions } from './where.ts';

/** A path or expression in a schema; mistakes in it are reported where they stand in `node`. */
export interface Text {
  readonly text: string;
  readonly node: ASTNode;
  /** How a message begins: `@from(path:)`. */
  readonly what: string;
}

/** The path, as an expression; undefined where it leads nowhere, which is reported. */
export function compilePath(building: Building, table: Table, { node, text, what }: Text): Expression | undefined {
  const names = text.split('.');
  const resolved = scope(building, table, true).resolve(names);
  if (!('problem' in resolved)) return pathExpression(resolved.read, resolved.type, resolved.nullable, text);
  const offset = names.slice(0, resolved.at).reduce((length, name) => length + name.length + 1, 0);
  reportIn(building, { node, text, what }, offset, resolved.problem);
  return undefined;
}

/** The expression; undefined where it means nothing, which is reported. `column` is what its value is for, if that is known. */
export function compileText(
  building: Building,
  table: Table,
  text: Text,
  options: { readonly relations: boolean; readonly column?: DeclaredColumn | undefined },
): Expression | undefined {
  try {
    return compileExpression(scope(building, table, options.relations), text.text, options.column?.type);
  } catch (error) {
    if (!(error instanceof ExpressionMistake)) throw error;
    reportIn(building, text, error.offset, error.message);
    return undefined;
  }
}

function reportIn({ report, schema }: Building, { node, text, what }: Text, offset: number, problem: string): void {
  const name = /^\w+/.exec(text.slice(offset))?.[0];
  // A field of that name that has a mistake is no column, and was reported.
  const wrong = schema.tables.some(
    ({ columns, fieldNames, relations }) =>
      name !== undefined &&
      fieldNames.includes(name) &&
      ![...columns, ...relations].some((field) => field.name === name),
  );
  if (!wrong) report.addInside(node, offset, `${what}: ${sentence(problem)}`);
}

/** The expression as the value of a column; undefined where it does not fit, which is reported at the column's type. */
export function assignAt(
  building: Building,
  expression: Expression,
  { name, node, required, type }: DeclaredColumn,
): Expression | undefined {
  const assigned = assignTo(expression, type, required);
  if (typeof assigned !== 'string') return assigned;
  building.report.add(node.type, `"${name}": ${sentence(assigned)}`);
  return undefined;
}

/** As `assignAt`, without conversion: what is a key or leads to one has the bytes of the source's value. */
export function assignExactly(
  building: Building,
  expression: Expression,
  column: DeclaredColumn,
): Expression | undefined {
  if (sameType(expression.type, column.type)) return assignAt(building, expression, column);
  const right = `${typeText(expression.type)}${column.required && !expression.nullable ? '!' : ''}`;
  building.report.add(
    column.node.type,
    `"${column.name}" is in the key and has the type of ${expression.text}: write ${right}.`,
  );
  return undefined;
}

/** The filter of a literal; undefined where it constrains nothing, and where it is wrong, which is reported. */
export function compileFilter(
  building: Building,
  table: Table,
  literal: ValueNode,
  what: string,
  options: WhereOptions,
): Predicate | undefined {
  const { catalog, report } = building;
  try {
    return compileWhere(catalog, table, whereToInput(literal, typesOf(building, table)), options);
  } catch (error) {
    if (!(error instanceof WhereError)) throw error;
    report.add(literalAt(literal, error.path), `${what}: ${error.message}`);
    return undefined;
  }
}

function scope({ drafts }: Building, table: Table, relations: boolean): ExpressionScope {
  return scopeOf((name) => scopeTable(drafts.get(name)), scopeTable(table) ?? table, { relations });
}

/** Columns of a key may be null here: dimensions may. Those of a topic's table are required anyway. */
function scopeTable(table: Table | undefined): ScopeTable | undefined {
  return (
    table && { name: table.name, columnsByName: table.columnsByName, relationsByName: table.relationsByName, key: [] }
  );
}

function typesOf(building: Building, table: Table): TypesByName {
  return {
    column: (name) => table.columnsByName.get(name)?.type,
    related: (name) => {
      const relation = table.relationsByName.get(name);
      return relation && typesOf(building, must(building.drafts.get(relation.target), `no table ${relation.target}`));
    },
  };
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
