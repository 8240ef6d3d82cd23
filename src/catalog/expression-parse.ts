import jsep from 'jsep';
import { assert, must } from '../common/errors.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import { tokenize } from './expression-tokens.ts';
import type { Token } from './expression-tokens.ts';

/** An expression as it was written, before its names mean anything. */
export type Syntax = Place & (Leaf | Operation);

export interface Place {
  /** Offsets into the expression: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** What stands there. */
  readonly text: string;
}

type Leaf =
  | { readonly kind: 'number' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'constant'; readonly value: true | false | null }
  | { readonly kind: 'path'; readonly names: readonly Name[] };

type Operation =
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Syntax[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Syntax }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'conditional'; readonly condition: Syntax; readonly whenTrue: Syntax; readonly otherwise: Syntax };

export interface Name {
  readonly name: string;
  readonly offset: number;
}

/** Deeper expressions would overflow the stack of whoever evaluates them. */
const maxDepth = 200;

/** Throws ExpressionMistake for text that is no expression. */
export function parseExpression(text: string): Syntax {
  const tokens = tokenize(text);
  return new Reader(text, tokens).read(parse(text, tokens), 0);
}

function parse(text: string, tokens: readonly Token[]): jsep.CoreExpression {
  try {
    return jsep(text) as jsep.CoreExpression;
  } catch (error) {
    if (!(error instanceof Error && 'index' in error)) throw error;
    const index = Number(error.index);
    const token = tokens.find(({ end }) => end > index);
    if (token === undefined) throw new ExpressionMistake('the expression ends too early', text.length);
    throw new ExpressionMistake(`unexpected "${token.text}"`, token.start);
  }
}

/**
 * Turns the parser's tree into ours. That tree has no places; but read from left to right its names, literals and operators are
 * the tokens in their order, with nothing but punctuation between them.
 */
class Reader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  /** The next token to be read. */
  #next = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  read(node: jsep.CoreExpression, depth: number): Syntax {
    this.#skipPunctuation();
    const first = this.#next;
    if (depth > maxDepth) throw this.#mistake(first, `an expression may be nested at most ${maxDepth} deep`);
    switch (node.type) {
      case 'Literal':
        return { ...this.#place(first, first), ...readLiteral(this.#take(node.raw)) };
      case 'Identifier':
      case 'ThisExpression':
      case 'MemberExpression': {
        const names = this.#readPath(node, first);
        return { ...this.#place(first, this.#next - 1), kind: 'path', names };
      }
      case 'CallExpression':
        return this.#readCall(node, depth);
      case 'UnaryExpression': {
        const operator = this.#take(node.operator).text;
        if (operator === '+') throw this.#mistake(first, 'a plus sign before a value means nothing: leave it out');
        const operand = this.read(node.argument as jsep.CoreExpression, depth + 1);
        return { ...this.#place(first, this.#next - 1), kind: 'unary', operator, operand };
      }
      case 'BinaryExpression': {
        const left = this.read(node.left as jsep.CoreExpression, depth + 1);
        const operator = this.#take(node.operator).text;
        const right = this.read(node.right as jsep.CoreExpression, depth + 1);
        return { ...this.#place(first, this.#next - 1), kind: 'binary', operator, left, right };
      }
      case 'ConditionalExpression': {
        const condition = this.read(node.test as jsep.CoreExpression, depth + 1);
        const whenTrue = this.read(node.consequent as jsep.CoreExpression, depth + 1);
        const otherwise = this.read(node.alternate as jsep.CoreExpression, depth + 1);
        return { ...this.#place(first, this.#next - 1), kind: 'conditional', condition, whenTrue, otherwise };
      }
      // Several values and lists: the tokens have been refused already.
      case 'Compound':
      case 'SequenceExpression':
      case 'ArrayExpression':
        throw new Error(`bug in Headgate: an expression was parsed as ${node.type}`);
      default:
        return refuse(node);
    }
  }

  #readPath(node: jsep.CoreExpression, first: number): readonly Name[] {
    if (node.type === 'Identifier' || node.type === 'ThisExpression') return [this.#readName()];
    if (node.type !== 'MemberExpression') throw this.#mistake(first, 'only a function can be called, by its name');
    const names = this.#readPath(node.object as jsep.CoreExpression, first);
    return [...names, this.#readName()];
  }

  #readName(): Name {
    const { text, start } = this.#take();
    return { name: text, offset: start };
  }

  #readCall(node: jsep.CallExpression, depth: number): Syntax {
    const first = this.#next;
    if (node.callee.type !== 'Identifier') {
      const path = node.callee.type === 'MemberExpression' ? this.#text.slice(this.#start(first)) : '';
      const method = /^(\w+(?:\s*\.\s*\w+)*)\s*\.\s*(\w+)\s*\(/.exec(path);
      const hint = method === null ? '' : `: write ${method[2]}(${method[1]}, …)`;
      throw this.#mistake(first, `only a function can be called, by its name${hint}`);
    }
    const { name } = this.#readName();
    const opening = this.#next;
    const operands = node.arguments.map((argument) => this.read(argument as jsep.CoreExpression, depth + 1));
    return { ...this.#place(first, Math.max(opening, this.#next - 1)), kind: 'call', name, operands };
  }

  #take(expected?: string): Token {
    this.#skipPunctuation();
    const token = must(this.#tokens[this.#next], 'a node without its token');
    assert(expected === undefined || token.text === expected, `${expected} expected, not ${token.text}`);
    this.#next += 1;
    return token;
  }

  #skipPunctuation(): void {
    while (this.#tokens[this.#next]?.kind === 'punctuation') this.#next += 1;
  }

  /** From one token to another, widened until every parenthesis between them has its partner. */
  #place(first: number, last: number): Place {
    let from = first;
    let to = last;
    let open = 0;
    for (let i = from; i <= to; i += 1) {
      const text = this.#tokens[i]?.text;
      if (text === '(') open += 1;
      if (text === ')' && open > 0) open -= 1;
      else if (text === ')') {
        do from -= 1;
        while (this.#tokens[from]?.text !== '(');
      }
    }
    while (open > 0) {
      to += 1;
      if (this.#tokens[to]?.text === ')') open -= 1;
    }
    const start = this.#start(from);
    const end = this.#tokens[to]?.end ?? this.#text.length;
    return { start, end, text: this.#text.slice(start, end) };
  }

  #start(index: number): number {
    return this.#tokens[index]?.start ?? this.#text.length;
  }

  #mistake(index: number, message: string): ExpressionMistake {
    return new ExpressionMistake(message, this.#start(index));
  }
}

function readLiteral({ kind, text, start, value }: Token): Leaf {
  if (kind === 'number') return { kind };
  if (kind === 'string') return { kind, value: must(value, 'a string has a value') };
  const constant = constants.get(text);
  return constant === undefined
    ? { kind: 'path', names: [{ name: text, offset: start }] }
    : { kind: 'constant', value: constant };
}

const constants: ReadonlyMap<string, true | false | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function refuse(node: never): never {
  throw new Error(`bug in Headgate: the parser made ${JSON.stringify(node)}`);
}
