import { print } from 'graphql';
import type {
  ArgumentNode,
  ASTNode,
  ConstDirectiveNode,
  DirectiveDefinitionNode,
  InputValueDefinitionNode,
  TypeNode,
  ValueNode,
} from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import { must } from '../common/errors.ts';
import { parseDurationMs } from '../model/time.ts';
import { language, plannedArguments } from './language.ts';
import type { DirectiveArguments } from './language.ts';
import { literalText } from './literal.ts';
import type { Report } from './report.ts';

/** A directive as read: durations in ms, sizes in bytes, field sets split, literals as nodes, defaults filled in. */
export interface Applied<Name extends keyof DirectiveArguments> {
  readonly node: ConstDirectiveNode;
  readonly args: DirectiveArguments[Name];
  /** Of an argument that was given; else of the directive. */
  at(argument: string): ArgumentNode['value'] | ConstDirectiveNode;
}

/** The directives of one type, field or enum value. */
export interface AppliedDirectives {
  one<Name extends keyof DirectiveArguments>(name: Name): Applied<Name> | undefined;
  all<Name extends keyof DirectiveArguments>(name: Name): readonly Applied<Name>[];
  /** True where it was written, even if its arguments are wrong. */
  has(name: string): boolean;
}

/** Those that make a type a table. */
export const tableDirectives: ReadonlySet<string> = new Set(['table', 'view', 'aggregation']);

export type Location = 'OBJECT' | 'FIELD_DEFINITION' | 'ENUM' | 'ENUM_VALUE';

const locationNames: Readonly<Record<Location, string>> = {
  OBJECT: 'a type',
  FIELD_DEFINITION: 'a field',
  ENUM: 'an enum',
  ENUM_VALUE: 'an enum value',
};

/**
 * Reads directives and reports those that are unknown, misplaced, repeated or have wrong arguments. One with a mistake is
 * left out, except what makes a type a table: the type is meant to be one, so the wrong argument alone takes its default.
 */
export function readDirectives(
  nodes: readonly ConstDirectiveNode[] | undefined,
  location: Location,
  report: Report,
): AppliedDirectives {
  const applied: { name: string; directive: Applied<keyof DirectiveArguments> }[] = [];
  const written = new Set<string>();
  for (const node of nodes ?? []) {
    const name = node.name.value;
    const definition = language.directives.get(name);
    if (definition === undefined) {
      const meant = didYouMean(name, language.directives.keys()).replaceAll(/"(\w+)"/g, '"@$1"');
      report.add(node, `There is no directive @${name}.${meant}`);
      continue;
    }
    const allowed = definition.locations.map((each) => each.value);
    if (!allowed.includes(location)) {
      const places = allowed.map((each) => locationNames[each as Location]).join(' or ');
      report.add(node, `@${name} belongs on ${places}, not on ${locationNames[location]}.`);
      continue;
    }
    if (written.has(name) && !definition.repeatable) {
      report.add(node, `@${name} is already there; it may be written once.`);
      continue;
    }
    written.add(name);
    const directive = readDirective(definition, node, report);
    if (directive !== undefined) applied.push({ name, directive });
  }
  function all<Name extends keyof DirectiveArguments>(name: Name): readonly Applied<Name>[] {
    // Every directive was read by the definition of its own name.
    return applied.filter((each) => each.name === name).map((each) => each.directive as Applied<Name>);
  }
  return { has: (name) => written.has(name), all, one: (name) => all(name)[0] };
}

/** What a directive says that was not written: the defaults of the language. */
export function directiveDefaults<Name extends 'limit' | 'expose' | 'changes'>(name: Name): DirectiveArguments[Name] {
  const definition = must(language.directives.get(name), `no directive @${name}`);
  const args: Record<string, unknown> = {};
  for (const argument of definition.arguments ?? []) {
    const read = readLiteral(argument.type, must(argument.defaultValue, `@${name} has no default`));
    args[argument.name.value] = read.value;
  }
  return args as unknown as DirectiveArguments[Name];
}

function readDirective(
  definition: DirectiveDefinitionNode,
  node: ConstDirectiveNode,
  report: Report,
): Applied<keyof DirectiveArguments> | undefined {
  const name = node.name.value;
  const known = definition.arguments ?? [];
  let wrong = false;
  function mistake(at: Parameters<Report['add']>[0], message: string): void {
    wrong = true;
    report.add(at, message);
  }
  const given = new Map<string, ArgumentNode>();
  for (const argument of node.arguments ?? []) {
    const argumentName = argument.name.value;
    if (given.has(argumentName)) mistake(argument, `@${name} has "${argumentName}" twice.`);
    else if (known.some((each) => each.name.value === argumentName)) given.set(argumentName, argument);
    else if (plannedArguments.has(`${name}.${argumentName}`)) {
      mistake(argument, `@${name}(${argumentName}:) is not supported yet.`);
    } else {
      const names = known.map((each) => each.name.value);
      const hint =
        memberHint(name, known, argumentName) ??
        (didYouMean(argumentName, names) ||
          (names.length === 0 ? ' It takes none.' : ` It has ${names.map((each) => `"${each}"`).join(', ')}.`));
      mistake(argument, `@${name} has no argument "${argumentName}".${hint}`);
    }
  }
  const args: Record<string, unknown> = {};
  for (const { name: argumentName, type, defaultValue } of known) {
    const argument = given.get(argumentName.value);
    const label = `@${name}(${argumentName.value}:)`;
    let literal: ValueNode | undefined = argument?.value;
    if (literal !== undefined) {
      const read = readLiteral(type, literal);
      const tooShort = read.value === 0 && isDuration(type) && !mayBeZero.has(`${name}.${argumentName.value}`);
      if (read.mistake === undefined && !tooShort) {
        args[argumentName.value] = read.value;
        continue;
      }
      mistake(
        read.at ?? literal,
        `${label} ${read.mistake ?? `takes ${scalars['Duration']?.expected}, not ${literalText(literal)}.`}`,
      );
    } else if (defaultValue === undefined && type.kind === 'NonNullType') {
      mistake(node, `@${name} needs "${argumentName.value}": write @${name}(${argumentName.value}: …).`);
    }
    literal = defaultValue;
    if (literal !== undefined) args[argumentName.value] = readLiteral(type, literal).value;
    else if (type.kind === 'NonNullType') args[argumentName.value] = '';
  }
  if (wrong && !tableDirectives.has(name)) return undefined;
  return {
    node,
    args: args as unknown as DirectiveArguments[keyof DirectiveArguments],
    at: (argument) => given.get(argument)?.value ?? node,
  };
}

/** Of what is written one level too high: `@auth(roles:)`. */
function memberHint(directive: string, known: readonly InputValueDefinitionNode[], name: string): string | undefined {
  for (const { name: argument, type } of known) {
    const isMember = language.inputs.get(namedType(type))?.some((member) => member.name.value === name) === true;
    if (isMember) return ` It stands in a rule: write @${directive}(${argument.value}: [{ ${name}: … }]).`;
  }
  return undefined;
}

function namedType(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : namedType(type.type);
}

/** Lengths of time that may be none at all. */
const mayBeZero: ReadonlySet<string> = new Set(['aggregation.grace']);

function isDuration(type: TypeNode): boolean {
  return namedType(type) === 'Duration';
}

type Read = {
  readonly value?: unknown;
  readonly mistake?: string | undefined;
  /** Where inside the literal the mistake is; absent: the literal as a whole. */
  readonly at?: ASTNode | undefined;
};

function readLiteral(type: TypeNode, node: ValueNode): Read {
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
