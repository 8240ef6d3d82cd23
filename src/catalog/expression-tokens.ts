import { ExpressionMistake } from './expression-mistake.ts';

/** The words of an expression, with their places. What the language does not have is refused here, by name. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator' | 'punctuation';
  readonly text: string;
  /** Offsets into the expression. */
  readonly start: number;
  readonly end: number;
  /** Of a string: without quotes and escapes. */
  readonly value?: string | undefined;
}

const maxLength = 4_000;
const maxTokens = 1_000;
/** Of parentheses, so that parsing never overflows the stack. */
const maxParentheses = 50;

/** Throws ExpressionMistake, also for parentheses that do not match. */
export function tokenize(text: string): readonly Token[] {
  if (text.length > maxLength) {
    throw new ExpressionMistake(`an expression has at most ${maxLength} characters; this one has ${text.length}`, 0);
  }
  const tokens: Token[] = [];
  const open: number[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
    if (token.text === '(' && open.push(token.start) > maxParentheses) {
      throw new ExpressionMistake(`parentheses may be nested at most ${maxParentheses} deep`, token.start);
    }
    if (token.text === ')' && open.pop() === undefined) {
      throw new ExpressionMistake('this ")" closes nothing', token.start);
    }
    if (tokens.length > maxTokens) {
      throw new ExpressionMistake(`an expression has at most ${maxTokens} words and signs`, token.start);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw new ExpressionMistake('this "(" is never closed', unclosed);
  if (tokens.length === 0) throw new ExpressionMistake('the expression is empty', 0);
  return tokens;
}

function tokenAt(text: string, start: number): Token {
  const name = match(names, text, start);
  if (name !== undefined) return { kind: 'name', text: name, start, end: start + name.length };
  const digits = match(numbers, text, start);
  if (digits !== undefined) return numberAt(text, digits, start);
  const first = text.charAt(start);
  if (first === '"' || first === "'") return stringAt(text, start);
  const stranger = match(strangers, text, start);
  if (stranger !== undefined) throw new ExpressionMistake(`"${stranger}": ${instead[stranger]}`, start);
  const operator = match(operators, text, start);
  if (operator !== undefined) return { kind: 'operator', text: operator, start, end: start + operator.length };
  if ('(),.?:'.includes(first)) return { kind: 'punctuation', text: first, start, end: start + 1 };
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  throw new ExpressionMistake(`unexpected ${JSON.stringify(character)}`, start);
}

function numberAt(text: string, digits: string, start: number): Token {
  const end = start + digits.length;
  if (/[\w.$]/.test(text.charAt(end))) {
    const whole = match(/[\w.$]+/y, text, start) ?? digits;
    throw new ExpressionMistake(`"${whole}" is no number: write digits as in 12, 0.5 or 1e6`, start);
  }
  return { kind: 'number', text: digits, start, end };
}

function stringAt(text: string, start: number): Token {
  const quote = text.charAt(start);
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return { kind: 'string', text: text.slice(start, at + 1), start, end: at + 1, value };
    if (character !== '\\') {
      value += character;
      continue;
    }
    at += 1;
    const escape = text.charAt(at);
    const unit = escape === 'u' ? match(/[0-9a-fA-F]{4}/y, text, at + 1) : undefined;
    const meant = unit === undefined ? escapes[escape] : String.fromCharCode(Number.parseInt(unit, 16));
    if (meant === undefined) {
      throw new ExpressionMistake(String.raw`"\${escape}" is no escape; a backslash is written \\`, at - 1);
    }
    value += meant;
    at += unit?.length ?? 0;
  }
  throw new ExpressionMistake(`this ${quote} is never closed`, start);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at += 1;
  return at;
}

/** What a sticky pattern matches exactly here. */
function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const names = /[A-Za-z_]\w*/y;
const numbers = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const operators = /==|!=|<=|>=|&&|\|\||[-+*/%<>!]/y;

/** Signs of other languages, and what to write here. */
const instead: Readonly<Record<string, string>> = {
  '===': 'write ==',
  '!==': 'write !=',
  '<>': 'write !=',
  '=>': 'there are no functions to write in an expression',
  '=': 'write == to compare; nothing can be assigned',
  '??': 'write coalesce(a, b)',
  '?.': 'write "."; a path through a missing row is null',
  '**': 'there are no powers; multiply',
  '<<': 'there are no operators on bits',
  '>>': 'there are no operators on bits',
  '&': 'write &&',
  '|': 'write ||',
  '^': 'there are no operators on bits, and no powers',
  '~': 'there are no operators on bits',
  '[': 'there are no lists in an expression',
  ']': 'there are no lists in an expression',
  '{': 'there are no objects in an expression',
  '}': 'there are no objects in an expression',
  ';': 'an expression is one value',
  '`': 'text stands in quotes, as in "a" or \'a\'',
};
const strangers = /===|!==|<>|=>|=(?!=)|\?\?|\?\.|\*\*|<<|>>|&(?!&)|\|(?!\|)|[\^~[\]{};`]/y;

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
};
