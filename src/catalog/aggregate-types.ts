import { unreachable } from '../common/errors.ts';
import type { Applied } from '../config/arguments.ts';
import type { DeclaredColumn } from '../config/declared.ts';
import type { Report } from '../config/report.ts';
import { typeText } from '../config/rules.ts';
import type { Expression } from '../model/expression.ts';
import type { ColumnType, ScalarName } from '../model/value.ts';
import type { Aggregate, AggregateFunction } from './derivation.ts';

/** Reports arguments that a function does not have or cannot take, and a field whose type is not that of the result. */
export function checkAggregate(
  column: DeclaredColumn,
  directive: Applied<'aggregate'>,
  aggregate: Pick<Aggregate, 'fn' | 'arg' | 'by' | 'n'>,
  report: Report,
): void {
  const { arg, by, fn, n } = aggregate;
  if (by !== undefined && fn !== 'TOP_K') {
    report.add(directive.at('by'), `@aggregate(by:) is for TOP_K, which it orders; ${fn} has none. Remove it.`);
  } else if (by !== undefined && !isOrdered(by.type)) {
    report.add(directive.at('by'), `@aggregate(by:) cannot be ${typeText(by.type)}, which has no order.`);
  }
  const counted = fn === 'TOP_K' || fn === 'COLLECT_LIST' || fn === 'COLLECT_SET';
  if (n !== undefined && !counted) {
    report.add(
      directive.at('n'),
      `@aggregate(n:) is for TOP_K, COLLECT_LIST and COLLECT_SET; ${fn} gives one value. Remove it.`,
    );
  } else if (n !== undefined && n < 1) {
    report.add(directive.at('n'), '@aggregate(n:) is at least 1.');
  } else if (n === undefined && fn === 'TOP_K') {
    report.add(directive.node, 'TOP_K needs "n", how many: write @aggregate(fn: TOP_K, arg: "…", n: 5).');
  }
  if (arg === undefined) {
    if (fn !== 'COUNT') {
      report.add(directive.node, `${fn} needs "arg", what it is of: write @aggregate(fn: ${fn}, arg: "…").`);
    } else checkResult(column, fn, undefined, report);
    return;
  }
  const wrong = refuse(fn, arg.type);
  if (wrong === undefined) checkResult(column, fn, arg, report);
  else report.add(directive.at('arg'), `${fn} takes ${wrong}; "${arg.text}" is ${typeText(arg.type)}.`);
}

/** What the function takes, where it does not take this. */
function refuse(fn: AggregateFunction, type: ColumnType): string | undefined {
  switch (fn) {
    case 'COUNT':
    case 'FIRST':
    case 'LAST':
      return undefined;
    case 'COLLECT_LIST':
      return type.kind === 'list' ? 'anything but a list' : undefined;
    case 'COUNT_DISTINCT':
    case 'COLLECT_SET':
    case 'MIN':
    case 'MAX':
    case 'TOP_K':
      return isOrdered(type) ? undefined : 'text, numbers, booleans, instants, days or enums';
    case 'SUM':
    case 'AVG':
    case 'STDDEV':
    case 'VARIANCE':
      return isScalar(type, ['Int', 'BigInt', 'Decimal', 'Float']) ? undefined : 'numbers';
    default:
      return unreachable(fn);
  }
}

function checkResult(column: DeclaredColumn, fn: AggregateFunction, arg: Expression | undefined, report: Report): void {
  const { name, node, required, type } = column;
  const { allowed, never } = resultOf(fn, arg);
  const mark = never ? '!' : '';
  if (!allowed.some((each) => sameType(each, type))) {
    const texts = allowed.map((each) => `${written(each)}${mark}`);
    report.add(node.type, `"${name}" is the ${fn}${of(arg)}: write ${texts.join(' or ')}.`);
  } else if (required && !never) {
    const why =
      fn === 'STDDEV' || fn === 'VARIANCE'
        ? 'of fewer than two values there is none'
        : `"${arg?.text}" may be null, and of nothing but nulls there is none`;
    report.add(node.type, `"${name}" may be null: ${why}. Write ${written(type)}.`);
  }
}

function of(arg: Expression | undefined): string {
  return arg === undefined ? ' of rows' : ` of ${typeText(arg.type)}`;
}

/** The types that the result may have, the most usual first, and whether it never is null. */
function resultOf(
  fn: AggregateFunction,
  arg: Expression | undefined,
): { readonly allowed: readonly ColumnType[]; readonly never: boolean } {
  const never = arg === undefined || !arg.nullable;
  const type = arg?.type ?? scalar('Int');
  switch (fn) {
    case 'COUNT':
    case 'COUNT_DISTINCT':
      return { allowed: [scalar('Int'), scalar('BigInt')], never: true };
    case 'SUM':
      if (isScalar(type, ['Int', 'BigInt'])) {
        return { allowed: [scalar('BigInt'), scalar('Int'), scalar('Decimal')], never };
      }
      return { allowed: [type], never };
    case 'AVG':
      return { allowed: isScalar(type, ['Float']) ? [type] : [scalar('Decimal'), scalar('Float')], never };
    case 'MIN':
    case 'MAX':
    case 'FIRST':
    case 'LAST':
      return { allowed: [type], never };
    case 'TOP_K':
    case 'COLLECT_LIST':
    case 'COLLECT_SET':
      return { allowed: [{ kind: 'list', element: type, elementRequired: true }], never: true };
    case 'STDDEV':
    case 'VARIANCE':
      return { allowed: [scalar('Float')], never: false };
    default:
      return unreachable(fn);
  }
}

/** As it is written in a schema. */
function written(type: ColumnType): string {
  return type.kind === 'list' ? `[${typeText(type.element)}${type.elementRequired ? '!' : ''}]` : typeText(type);
}

export function sameType(a: ColumnType, b: ColumnType): boolean {
  if (a.kind === 'list')
    return b.kind === 'list' && a.elementRequired === b.elementRequired && sameType(a.element, b.element);
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  return a.kind === b.kind && a.name === b.name;
}

function isOrdered(type: ColumnType): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && !['JSON', 'Bytes', 'Duration'].includes(type.scalar));
}

function isScalar(type: ColumnType, scalars: readonly ScalarName[]): boolean {
  return type.kind === 'scalar' && scalars.includes(type.scalar);
}

function scalar(name: ScalarName): ColumnType {
  return { kind: 'scalar', scalar: name };
}
