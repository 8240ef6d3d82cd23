import type {
  ArgumentNode,
  ConstDirectiveNode,
  DirectiveDefinitionNode,
  InputValueDefinitionNode,
  TypeNode,
  ValueNode,
} from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import { must } from '../common/errors.ts';
import { language, plannedArguments } from './language.ts';
import type { DirectiveArguments } from './language.ts';
import { literalText } from './literal.ts';
import { expectedOf, readLiteral } from './read-literal.ts';
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
  /** Those that were left out for a mistake; a wrong argument has its default. */
  unread<Name extends keyof DirectiveArguments>(name: Name): readonly Applied<Name>[];
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
  const applied: { name: string; unread: boolean; directive: Applied<keyof DirectiveArguments> }[] = [];
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
    const { directive, wrong } = readDirective(definition, node, report);
    applied.push({ name, unread: wrong && !tableDirectives.has(name), directive });
  }
  function named<Name extends keyof DirectiveArguments>(name: Name, unread: boolean): readonly Applied<Name>[] {
    const directives = applied.filter((each) => each.name === name && each.unread === unread);
    // Every directive was read by the definition of its own name.
    return directives.map(({ directive }) => directive as Applied<Name>);
  }
  return {
    has: (name) => written.has(name),
    all: (name) => named(name, false),
    one: (name) => named(name, false)[0],
    unread: (name) => named(name, true),
  };
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
): { readonly directive: Applied<keyof DirectiveArguments>; readonly wrong: boolean } {
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
        `${label} ${read.mistake ?? `takes ${expectedOf('Duration')}, not ${literalText(literal)}.`}`,
      );
    } else if (defaultValue === undefined && type.kind === 'NonNullType') {
      mistake(node, `@${name} needs "${argumentName.value}": write @${name}(${argumentName.value}: …).`);
    }
    literal = defaultValue;
    if (literal !== undefined) args[argumentName.value] = readLiteral(type, literal).value;
    else if (type.kind === 'NonNullType') args[argumentName.value] = '';
  }
  const directive: Applied<keyof DirectiveArguments> = {
    node,
    args: args as unknown as DirectiveArguments[keyof DirectiveArguments],
    at: (argument) => given.get(argument)?.value ?? node,
  };
  return { directive, wrong };
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
