import type { Expected } from './answer.ts';
import { printJson, type Json } from './json.ts';
import { keyName } from './naive.ts';
import type { Place } from './plan.ts';
import type { NaiveValue } from './values.ts';

/** What the tokens that a gateway chose have meant so far. A token never changes its meaning. */
export class Tokens {
  readonly #meanings = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  /** Of each table, the nodeIds with the keys that they stand for. */
  readonly #nodes = new Map<string, Map<string, readonly NaiveValue[]>>();
  readonly #cursors = new Map<string, Map<string, Place>>();

  #dry = false;

  /** Compares without learning. */
  dry<T>(compare: () => T): T {
    const before = this.#dry;
    this.#dry = true;
    try {
      return compare();
    } finally {
      this.#dry = before;
    }
  }

  /** Undefined, or what is wrong with it. */
  meet(expected: Extract<Expected, { t: 'token' }>, text: string): string | undefined {
    if (expected.kind === 'cursor') {
      const cursors = this.#cursors.get(expected.scope) ?? new Map<string, Place>();
      this.#cursors.set(expected.scope, cursors);
      const known = cursors.get(text);
      if (!this.#dry) cursors.set(text, expected.place);
      return known === undefined || print(known) === print(expected.place)
        ? undefined
        : `cursor ${text} meant ${print(known)}`;
    }
    const { kind, table } = expected;
    const meaning = `${kind} ${table.name} ${keyName(table, expected.key)}`;
    const knownText = this.#texts.get(meaning);
    if (knownText !== undefined && knownText !== text) return `${meaning} was ${knownText} and is ${text}`;
    const scope = kind === 'id' ? `${kind} ${table.name}` : kind;
    const knownMeaning = this.#meanings.get(`${scope} ${text}`);
    if (knownMeaning !== undefined && knownMeaning !== meaning)
      return `${scope} ${text} is ${knownMeaning} and ${meaning}`;
    if (this.#dry) return undefined;
    this.#texts.set(meaning, text);
    if (kind === 'nodeId') {
      const nodes = this.#nodes.get(table.name) ?? new Map<string, readonly NaiveValue[]>();
      this.#nodes.set(table.name, nodes.set(text, expected.key));
    }
    this.#meanings.set(`${scope} ${text}`, meaning);
    return undefined;
  }

  nodes(table: string): readonly (readonly [string, readonly NaiveValue[]])[] {
    return [...(this.#nodes.get(table) ?? [])];
  }

  cursors(scope: string): readonly (readonly [string, Place])[] {
    return [...(this.#cursors.get(scope) ?? [])];
  }
}

function print(place: Place): string {
  return JSON.stringify(place, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Undefined where the response is as expected; else the first place that is not, and both sides there. */
export function difference(
  expected: Expected,
  got: Json | undefined,
  tokens: Tokens,
  path = 'data',
): string | undefined {
  const wrong = (): string =>
    `${path}: expected ${printExpected(expected)}, got ${got === undefined ? 'nothing' : printJson(got)}`;
  if (got === undefined) return wrong();
  switch (expected.t) {
    case 'json':
      return printJson(expected.json) === printJson(got) ? undefined : wrong();
    case 'token': {
      if (got.t !== 'str') return wrong();
      const problem = tokens.meet(expected, got.value);
      return problem === undefined ? undefined : `${path}: ${problem}`;
    }
    case 'text':
      return got.t === 'str' ? undefined : wrong();
    case 'arr': {
      if (got.t !== 'arr' || got.items.length !== expected.items.length) return wrong();
      if (expected.anyOrder === true) return unordered(expected.items, got.items, tokens, path) ? undefined : wrong();
      for (const [i, item] of expected.items.entries()) {
        const found = difference(item, got.items[i], tokens, `${path}[${i}]`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    case 'obj': {
      if (got.t !== 'obj') return wrong();
      if (expected.entries.map(([name]) => name).join() !== got.entries.map(([name]) => name).join()) return wrong();
      for (const [i, [name, value]] of expected.entries.entries()) {
        const found = difference(value, got.entries[i]?.[1], tokens, `${path}.${name}`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    case 'null':
    case 'bool':
    case 'num':
    case 'str':
      return printJson(expected) === printJson(got) ? undefined : wrong();
  }
}

/**
 * Pairs every expected member with one of its own. Only a pair that is the only one possible teaches what a token means: of
 * two deletions that look alike but for ids not met before, either may be either.
 */
function unordered(expected: readonly Expected[], got: readonly Json[], tokens: Tokens, path: string): boolean {
  let items = expected;
  let left = got;
  for (;;) {
    const fitting = items.map((item) =>
      left.filter((candidate) => tokens.dry(() => difference(item, candidate, tokens, path)) === undefined),
    );
    const certain = fitting.flatMap((candidates, i) => (candidates.length === 1 ? [i] : []));
    if (certain.length === 0) return canPair(fitting);
    const taken = new Set<Json>();
    for (const i of certain) {
      const [item, candidate] = [items[i], fitting[i]?.[0]];
      if (item === undefined || candidate === undefined || taken.has(candidate)) return false;
      if (difference(item, candidate, tokens, path) !== undefined) return false;
      taken.add(candidate);
    }
    items = items.filter((_, i) => !certain.includes(i));
    left = left.filter((candidate) => !taken.has(candidate));
  }
}

/** Whether each can have one of those that fit it for itself (augmenting paths). */
function canPair(fitting: readonly (readonly Json[])[]): boolean {
  const owner = new Map<Json, number>();
  const place = (i: number, tried: Set<Json>): boolean =>
    (fitting[i] ?? []).some((candidate) => {
      if (tried.has(candidate)) return false;
      tried.add(candidate);
      const other = owner.get(candidate);
      if (other !== undefined && !place(other, tried)) return false;
      owner.set(candidate, i);
      return true;
    });
  return fitting.every((_, i) => place(i, new Set()));
}

export function printExpected(expected: Expected): string {
  switch (expected.t) {
    case 'json':
      return printJson(expected.json);
    case 'token':
      return `<${expected.kind}>`;
    case 'text':
      return '<text>';
    case 'arr':
      return `[${expected.items.map(printExpected).join(',')}]`;
    case 'obj':
      return `{${expected.entries.map(([name, value]) => `${JSON.stringify(name)}:${printExpected(value)}`).join(',')}}`;
    case 'null':
    case 'bool':
    case 'num':
    case 'str':
      return printJson(expected);
  }
}
