import { compileNumberConversion, toExact } from '../model/arithmetic.ts';
import { bigIntFromText } from '../model/coerce.ts';
import { isDecimal } from '../model/decimal.ts';
import { exactFromDecimal, exactToBigInt, exactToDecimal, roundExact } from '../model/exact.ts';
import { ExpressionError } from '../model/expression.ts';
import { formatDateTime } from '../model/time.ts';
import type { Place } from './expression-parse.ts';
import { isScalar, isText, numberTypeOf, scalarType, strictTerm, stringType, wrongType } from './expression-term.ts';
import type { Term } from './expression-term.ts';

/** As the API shows it: text as it is, numbers in digits, instants in ISO 8601. */
export function toStringTerm(place: Place, x: Term): Term {
  if (isScalar(x.type, 'DateTime'))
    return strictTerm(place, stringType, [x], (value) => formatDateTime(value as bigint));
  const simple = isText(x.type) || numberTypeOf(x.type) !== undefined;
  if (!simple && !isScalar(x.type, 'Boolean') && !isScalar(x.type, 'Date')) throw wrongType(place, x, 'it has no text');
  return strictTerm(place, stringType, [x], (value) => String(value as string | number | bigint | boolean));
}

/** Of a Float: the shortest number that reads as this Float again, which is what the API shows. */
export function toDecimalTerm(place: Place, x: Term): Term {
  const isNumber = numberTypeOf(x.type) !== undefined;
  if (!isNumber && !isDigits(x)) throw wrongType(place, x, 'a number or a text is needed here');
  return strictTerm(place, scalarType('Decimal'), [x], (value) => {
    const text = String(value as string | number | bigint);
    const decimal = isDecimal(text) ? exactToDecimal(exactFromDecimal(text)) : undefined;
    if (decimal === undefined) throw new ExpressionError(`${place.text}: the text is no Decimal`);
    return decimal;
  });
}

/** The nearest Float. */
export function toFloatTerm(place: Place, x: Term): Term {
  const number = numberTypeOf(x.type);
  if (number !== undefined) {
    return strictTerm(place, scalarType('Float'), [x], compileNumberConversion(number, 'Float', place.text));
  }
  if (!isDigits(x)) throw wrongType(place, x, 'a number or a text is needed here');
  const convert = compileNumberConversion('Decimal', 'Float', place.text);
  return strictTerm(place, scalarType('Float'), [x], (value) => {
    if (!isDecimal(value as string)) throw new ExpressionError(`${place.text}: the text is no number`);
    return convert(value);
  });
}

/** Without the fraction, whatever it is: towards zero. A BigInt; of text, whole numbers only. */
export function toIntTerm(place: Place, x: Term): Term {
  const type = scalarType('BigInt');
  const number = numberTypeOf(x.type);
  if (number === undefined) {
    if (!isDigits(x)) throw wrongType(place, x, 'a number or a text is needed here');
    return strictTerm(place, type, [x], (value) => {
      const int = bigIntFromText(value as string);
      if (int === undefined) throw new ExpressionError(`${place.text}: the text is no whole number`);
      return int;
    });
  }
  const read = toExact(number);
  return strictTerm(place, type, [x], (value) => {
    const exact = read(value);
    const int = exactToBigInt(roundExact(exact, 0, exact.mantissa < 0n ? 'CEILING' : 'FLOOR'));
    if (int === undefined) throw new ExpressionError(`${place.text}: the result is beyond the range of BigInt`);
    return int;
  });
}

function isDigits({ type }: Term): boolean {
  return isScalar(type, 'String') || isScalar(type, 'ID');
}
