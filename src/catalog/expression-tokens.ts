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

/**
 * Throws ExpressionMistake for what is no word of the language, and for neighbours that cannot be: parentheses that do not match,
 * two values without an operator between them, a comma outside a call. The parser would take some of that, and tells no places.
 */
export function tokenize(text: string): readonly Token[] {
  if (text.length > maxLength) {
    throw new ExpressionMistake(`an expression has at most ${maxLength} characters; this one has ${text.length}`, 0);
  }
  const tokens: Token[] = [];
  const open: Parenthesis[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const token = tokenAt(text, at);
    checkNeighbour(token, tokens);
    checkParentheses(token, tokens, open);
    tokens.push(token);
    if (tokens.length > maxTokens) {
      throw new ExpressionMistake(`an expression has at most ${maxTokens} words and signs`, token.start);
    }
    at = token.end;
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw new ExpressionMistake('this "(" is never closed', unclosed.start);
  if (tokens.length === 0) throw new ExpressionMistake('the expression is empty', 0);
  return tokens;
}

interface Parenthesis {
  readonly start: number;
  /** Around the operands of a function. */
  readonly call: boolean;
}

function checkParentheses({ text, start }: Token, before: readonly Token[], open: Parenthesis[]): void {
  if (text === '(' && open.push({ start, call: before.at(-1)?.kind === 'name' }) > maxParentheses) {
    throw new ExpressionMistake(`parentheses may be nested at most ${maxParentheses} deep`, start);
  }
  if (text === ',' && open.at(-1)?.call !== true) {
    throw new ExpressionMistake('an expression is one value, not several', start);
  }
  if (text === ')' && open.pop() === undefined) throw new ExpressionMistake('this ")" closes nothing', start);
}

function checkNeighbour(token: Token, before: readonly Token[]): void {
  const { kind, text, start } = token;
  const last = before.at(-1);
  if (text === '.' || last?.text === '.') {
    if ((text === '.' ? last?.kind : kind) === 'name') return;
    throw new ExpressionMistake('only names can be joined by a point', start);
  }
  const afterValue = last !== undefined && (isWord(last) || last.text === ')');
  if (text === ')' || text === ',') {
    const isEmptyCall = text === ')' && last?.text === '(' && before.at(-2)?.kind === 'name';
    if (afterValue || isEmptyCall) return;
    throw new ExpressionMistake(`expected a value before "${text}"`, start);
  }
  if (!afterValue || !(isWord(token) || text === '(' || text === '!')) return;
  if (text === '(' && last.kind === 'name') return;
  const sign = kind === 'name' ? words.get(text.toLowerCase()) : undefined;
  throw new ExpressionMistake(sign ?? `expected an operator or a comma before ${quoted(text)}`, start);
}

function isWord({ kind }: Token): boolean {
  return kind === 'name' || kind === 'number' || kind === 'string';
}

function quoted(text: string): string {
  return /^['"]/.test(text) ? text : `"${text}"`;
}

/** Words of other languages for what is a sign here. */
const words: ReadonlyMap<string, string> = new Map([
  ['and', 'write && for "and"'],
  ['or', 'write || for "or"'],
  ['is', 'write isNull(x) for "is null"'],
  ['in', 'write x == a || x == b for "in"'],
  ['mod', 'write % for "mod"'],
  ['like', 'write startsWith, endsWith or contains for "like"'],
]);

function tokenAt(text: string, start: number): Token {
  const name = match(names, text, start);
  if (name !== undefined) return { kind: 'name', text: name, start, end: start + name.length };
  const digits = match(numbers, text, start) ?? match(/\.\d+/y, text, start);
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
  if (digits.startsWith('.') || /[\w.$]/.test(text.charAt(end))) {
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
      throw new ExpressionMistake(`"\\${escape}" is no escape; a backslash is written \\\\`, at - 1);
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
