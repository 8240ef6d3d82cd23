import { print } from 'graphql';
import type { ASTNode, InputValueDefinitionNode, TypeNode, ValueNode } from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import { must } from '../common/errors.ts';
import { parseDurationMs } from '../model/time.ts';
import { language } from './language.ts';
import { literalText } from './literal.ts';

/** What an argument says, or what is wrong with it. */
export interface Read {
  readonly value?: unknown;
  readonly mistake?: string | undefined;
  /** Where inside the literal the mistake is; absent: the literal as a whole. */
  readonly at?: ASTNode | undefined;
}

/** The value of an argument of this type of the language. */
export function readLiteral(type: TypeNode, node: ValueNode): Read {
  if (type.kind === 'NonNullType') return readLiteral(type.type, node);
  if (node.kind === 'NullValue') return { mistake: 'cannot be null; leave it out instead.' };
  if (type.kind === 'ListType') {
    // As everywhere in GraphQL, one value stands for a list of one.
    const read = (node.kind === 'ListValue' ? node.values : [node]).map((each) => readLiteral(type.type, each));
    return read.find((each) => each.mistake !== undefined) ?? { value: read.map((each) => each.value) };
  }
  const values = language.enums.get(type.name.value);
  if (values !== undefined) return readEnum(type.name.value, values, node);
  const members = language.inputs.get(type.name.value);
  if (members !== undefined) return readObject(members, node);
  const scalar = scalars[type.name.value];
  const value = must(scalar, `no reader for ${print(type)}`).read(node);
  return value === undefined ? { mistake: `takes ${scalar?.expected}, not ${literalText(node)}.` } : { value };
}

function readObject(members: readonly InputValueDefinitionNode[], node: ValueNode): Read {
  const names = members.map(({ name }) => name.value);
  if (node.kind !== 'ObjectValue') {
    return { mistake: `takes objects with ${names.map((name) => `"${name}"`).join(', ')}, not ${literalText(node)}.` };
  }
  const value: Record<string, unknown> = {};
  for (const { name, value: given } of node.fields) {
    const member = members.find((each) => each.name.value === name.value);
    if (member === undefined) {
      const hint = didYouMean(name.value, names) || ` It has ${names.map((each) => `"${each}"`).join(', ')}.`;
      return { at: name, mistake: `has no member "${name.value}".${hint}` };
    }
    if (name.value in value) return { at: name, mistake: `has "${name.value}" twice in one object.` };
    const read = readLiteral(member.type, given);
    if (read.mistake !== undefined) return { at: read.at ?? given, mistake: `${name.value}: ${read.mistake}` };
    value[name.value] = read.value;
  }
  return { value };
}

function readEnum(name: string, values: readonly string[], node: ValueNode): Read {
  if (node.kind === 'EnumValue' && values.includes(node.value)) return { value: node.value };
  const given = node.kind === 'EnumValue' || node.kind === 'StringValue' ? node.value : literalText(node);
  const quoted = node.kind === 'StringValue' && values.includes(node.value);
  const hint = quoted ? ` Leave out the quotes.` : didYouMean(given, values);
  return { mistake: `takes ${values.join(', ')}, not ${literalText(node)}.${hint}` };
}

/** What a scalar takes, for messages. */
export function expectedOf(scalar: string): string | undefined {
  return scalars[scalar]?.expected;
}

const scalars: Readonly<Record<string, { expected: string; read: (node: ValueNode) => unknown }>> = {
  String: { expected: 'text in quotes', read: (node) => (node.kind === 'StringValue' ? node.value : undefined) },
  Boolean: { expected: 'true or false', read: (node) => (node.kind === 'BooleanValue' ? node.value : undefined) },
  Int: {
    expected: 'a whole number',
    read: (node) =>
      node.kind === 'IntValue' && Math.abs(Number(node.value)) < 2 ** 31 ? Number(node.value) : undefined,
  },
  FieldSet: {
    expected: 'names of fields separated by spaces, such as "orderId lineNo"',
    read: (node) => {
      const names = node.kind === 'StringValue' ? node.value.split(/[\s,]+/).filter((name) => name !== '') : [];
      return names.length === 0 ? undefined : names;
    },
  },
  Duration: {
    expected: 'a length of time, such as "10m", "24h", "7d" or "P7D"',
    read: (node) => {
      const ms = node.kind === 'StringValue' ? parseDurationMs(node.value) : undefined;
      return ms === undefined || ms < 0 ? undefined : ms;
    },
  },
  ByteSize: {
    expected: 'a number of bytes, such as 500000000, "500MB" or "2GB"',
    read: (node) => (node.kind === 'IntValue' || node.kind === 'StringValue' ? parseByteSize(node.value) : undefined),
  },
  WhereLiteral: {
    expected: 'a filter, such as { status: { eq: PAID } }',
    read: (node) => (node.kind === 'ObjectValue' ? node : undefined),
  },
  DefaultLiteral: { expected: 'a value', read: (node) => node },
};

/** Bytes of `500000000`, `100kB`, `1.5GB` (powers of 1,000) or `64MiB` (powers of 1,024); undefined for other text and 0. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s?([kMGT]i?)?B?$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.charAt(0));
  const bytes = Math.round(Number(match[1]) * (unit.endsWith('i') ? 1_024 : 1_000) ** power);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
