import { ExpressionError } from '../model/expression.ts';
import type { Value } from '../model/value.ts';
import type { Place } from './expression-parse.ts';

/** Columns that are computed from one another could double a text again and again. */
const maxTextLength = 1_048_576;

/** Throws ExpressionError for a text of more than a mebibyte of UTF-16 units. */
export function joinTexts(place: Place): (...texts: Value[]) => string {
  return (...texts) => {
    const text = texts.join('');
    if (text.length > maxTextLength) throw new ExpressionError(`${place.text}: the text would be too long`);
    return text;
  };
}
