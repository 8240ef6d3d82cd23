import { typeText } from '../config/rules.ts';
import { compileNumberConversion } from '../model/arithmetic.ts';
import type { NumberType } from '../model/arithmetic.ts';
import type { Expression } from '../model/expression.ts';
import type { ColumnType } from '../model/value.ts';
import { isScalar, isText, numberTypeOf, sameType } from './expression-term.ts';

/** Conversions that a column makes by itself: those to a wider type, and those whose loss a range check shows. */
const converts: Readonly<Record<NumberType, readonly NumberType[]>> = {
  Int: ['BigInt', 'Decimal', 'Float'],
  BigInt: ['Int', 'Decimal', 'Float'],
  Decimal: ['Float'],
  Float: [],
};

/**
 * The expression as the value of a column of that type: itself, or converted where nothing but the range can be lost (evaluating
 * throws ExpressionError then). A text says why it cannot be: for whoever wrote the schema, without a place.
 */
export function assignTo(expression: Expression, type: ColumnType, required: boolean): Expression | string {
  const { text, nullBecause } = expression;
  const assigned = convert(expression, type);
  if (assigned === undefined) {
    return `${text} is ${shown(expression.type)} and the column is ${shown(type)}${hintFor(expression, type)}`;
  }
  if (required && expression.nullable) {
    // A path says it of itself.
    const itself = nullBecause?.startsWith(`"${text}"`) === true;
    const because = itself ? nullBecause : `${text} may be null${nullBecause === undefined ? '' : ` (${nullBecause})`}`;
    return `${because}; the column is required: make it nullable, or write coalesce(${text}, …)`;
  }
  return assigned;
}

function convert(expression: Expression, type: ColumnType): Expression | undefined {
  if (sameType(expression.type, type)) return expression;
  if ((isScalar(type, 'String') || isScalar(type, 'ID')) && isText(expression.type)) return { ...expression, type };
  if (isWiderList(expression.type, type)) return { ...expression, type };
  const [from, to] = [numberTypeOf(expression.type), numberTypeOf(type)];
  if (from === undefined || to === undefined || !converts[from].includes(to)) return undefined;
  const change = compileNumberConversion(from, to, expression.text);
  return {
    ...expression,
    type,
    evaluate: (row, one) => {
      const value = expression.evaluate(row, one);
      return value === null ? null : change(value);
    },
  };
}

/** A list without nulls is also one that may have them. */
function isWiderList(from: ColumnType, to: ColumnType): boolean {
  if (from.kind !== 'list' || to.kind !== 'list' || to.elementRequired) return false;
  return sameType(from.element, to.element);
}

/** As a schema declares it. */
function shown(type: ColumnType): string {
  return type.kind === 'list' ? `[${shown(type.element)}${type.elementRequired ? '!' : ''}]` : typeText(type);
}

function hintFor({ text, type: from }: Expression, type: ColumnType): string {
  const functions = { String: 'toString', Decimal: 'toDecimal', Float: 'toFloat', Int: 'toInt', BigInt: 'toInt' };
  const isWritable = numberTypeOf(from) !== undefined || isText(from);
  const name = type.kind === 'scalar' && type.scalar in functions ? (type.scalar as keyof typeof functions) : undefined;
  if (name === undefined || (!isWritable && name !== 'String')) return '';
  return `: write ${functions[name]}(${text}), or declare it ${typeText(from)}`;
}
