import type { ValueNode } from 'graphql';
import { CoercionError, coerceInput } from '../model/coerce.ts';
import type { ColumnType, ScalarName } from '../model/value.ts';
import type { DeclaredColumn, DeclaredIndex, DeclaredSchema, DeclaredTable } from './declared.ts';
import { literalText, literalToInput } from './literal.ts';
import { placeText } from './report.ts';
import type { Report } from './report.ts';

/** Looks at a declared schema and reports what is wrong with it. */
export type Rule = (schema: DeclaredSchema, report: Report) => void;

/** What a single table must be by itself; relations are in `relation-rules.ts`, generated names in `catalog/name-rules.ts`. */
export const tableRules: readonly Rule[] = [
  eachTable(checkTopic),
  eachTable(checkStream),
  eachTable(checkSink),
  eachTable(checkLimit),
  eachTable(checkKey),
  eachTable(checkIndexes),
  eachTable(checkDefaults),
];

function eachTable(check: (table: DeclaredTable, report: Report) => void): Rule {
  return (schema, report) => {
    for (const table of schema.tables) check(table, report);
  };
}

function checkTopic({ origin }: DeclaredTable, report: Report): void {
  if (origin.kind !== 'topic') return;
  const { clock, cluster, retention, topic } = origin.directive.args;
  const at = origin.directive.at('topic');
  // An argument with another mistake was reported where it was read.
  if (at.kind === 'StringValue' && !isTopicName(topic)) report.add(at, noTopic(topic));
  if (cluster !== 'default') report.add(origin.directive.at('cluster'), 'Only the cluster "default" is supported yet.');
  if (clock === 'WALL' && retention === undefined) {
    report.add(
      origin.directive.at('clock'),
      '@table(clock:) is what "retention" goes by. Add "retention", or remove it.',
    );
  }
}

function noTopic(topic: string): string {
  return (
    `"${topic}" cannot be a topic: 1 to 249 letters, digits, ".", "_" or "-", and not "_headgate", ` +
    "which is Headgate's own."
  );
}

function checkSink({ sink }: DeclaredTable, report: Report): void {
  if (sink !== undefined && !isTopicName(sink.args.topic)) report.add(sink.at('topic'), noTopic(sink.args.topic));
}

/** What a table cannot have whose rows are not kept. */
function checkStream({ name, origin, key, kept, exposed, indexes }: DeclaredTable, report: Report): void {
  if (kept) return;
  const why = `the rows of ${name.value} are not kept`;
  for (const index of indexes) report.add(index.node, `There is nothing to index: ${why}. Remove @index.`);
  for (const argument of ['query', 'live'] as const) {
    if (exposed === undefined || exposed.at(argument) === exposed.node || !exposed.args[argument]) continue;
    report.add(exposed.at(argument), `There is nothing to query: ${why}. Its change stream is all it has.`);
  }
  if (origin.kind !== 'topic') return;
  if (origin.directive.args.retention !== undefined) {
    report.add(origin.directive.at('retention'), `There is nothing to remove: ${why}. Remove "retention".`);
  }
  const wrong = (key ?? []).find(({ source }) => source.kind !== 'meta' || source.meta !== 'COORDINATES');
  if (wrong === undefined) return;
  report.add(
    wrong.node,
    `The key of ${name.value} is the place of its record, because no row is kept that it could be compared with: ` +
      `write ${wrong.name}: ID! @from(meta: COORDINATES).`,
  );
}

function isTopicName(topic: string): boolean {
  return /^[A-Za-z0-9._-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..' && topic !== '_headgate';
}

function checkLimit({ name, limit, limitNode }: DeclaredTable, report: Report): void {
  if (limit.default < 1 || limit.max < 1) {
    report.add(limitNode, `@limit of ${name.value}: "default" and "max" are at least 1.`);
  } else if (limit.default > limit.max) {
    report.add(limitNode, `@limit of ${name.value}: the default of ${limit.default} is above the max of ${limit.max}.`);
  }
}

const notInKeys: ReadonlySet<ScalarName> = new Set(['Float', 'JSON', 'Bytes']);
const notInIndexes: ReadonlySet<ScalarName> = new Set(['JSON', 'Bytes']);

function checkKey({ name, key, origin }: DeclaredTable, report: Report): void {
  for (const column of key ?? []) {
    const { node } = column;
    // What a view copies was checked in its source.
    if (origin.kind === 'aggregation' && !isScalarExcept(column.type, notInKeys)) {
      report.add(
        node.type,
        `"${column.name}" says which group a row of ${name.value} is and cannot be ${typeText(column.type)}: ` +
          'groups are told apart by text, whole numbers, decimals, booleans, instants, days or enums. For a result write @aggregate.',
      );
    } else if (origin.kind === 'topic' && !isScalarExcept(column.type, notInKeys)) {
      report.add(
        node.type,
        `"${column.name}" is in the key of ${name.value} and cannot be ${typeText(column.type)}: ` +
          'keys are text, whole numbers, decimals, booleans, instants, days or enums.',
      );
    } else if (origin.kind === 'topic' && !column.required) {
      report.add(
        node.type,
        `"${column.name}" is in the key of ${name.value} and so is required: write ${typeText(column.type)}!.`,
      );
    }
    if (column.hidden !== undefined) {
      report.add(
        column.hidden.node,
        `"${column.name}" is in the key of ${name.value}, which the API shows. Remove @hidden.`,
      );
    }
    if (origin.kind === 'topic' && column.computed !== undefined) {
      report.add(
        column.computed.node,
        `"${column.name}" is in the key of ${name.value}, which is read from the record. Remove @computed.`,
      );
    }
    if (origin.kind === 'topic' && column.default !== undefined) {
      report.add(
        column.default.node,
        `"${column.name}" is in the key of ${name.value}, and rows must not share one. Remove @default.`,
      );
    }
  }
}

function checkIndexes({ name, key, kept, indexes }: DeclaredTable, report: Report): void {
  if (!kept) return;
  const seen = new Map<string, DeclaredIndex>();
  if (key !== undefined) seen.set(namesOf(key), { columns: key, unique: true, covering: true, node: name });
  for (const index of indexes) {
    for (const { type, name: column } of index.columns) {
      if (isScalarExcept(type, notInIndexes)) continue;
      report.add(index.node, `"${column}" cannot be indexed: ${typeText(type)} has no order that an index could keep.`);
    }
    const names = namesOf(index.columns);
    const same = seen.get(names);
    if (same === undefined) seen.set(names, index);
    else if (same.node === name)
      report.add(index.node, `"${names}" is the key of ${name.value}, which is an index already. Remove @index.`);
    else report.add(index.node, `"${names}" is indexed already, at ${placeText(same.node)}. Remove one of them.`);
  }
}

function checkDefaults({ columns, origin }: DeclaredTable, report: Report): void {
  for (const column of origin.kind === 'topic' ? columns : []) {
    if (column.default === undefined || column.computed !== undefined) continue;
    const literal = column.default.args.value;
    const wrong = misfit(column.type, literal);
    if (wrong !== undefined) {
      report.add(wrong.node, `The default of "${column.name}" does not fit its type: ${wrong.message}`);
      continue;
    }
    try {
      coerceInput(column.type, literalToInput(literal, column.type));
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      report.add(literal, `The default of "${column.name}" does not fit its type: ${error.message}`);
    }
  }
}

/** What `coerceInput` cannot see, because plain values have no lists of one and no difference between names and texts. */
function misfit(type: ColumnType, node: ValueNode): { node: ValueNode; message: string } | undefined {
  if (type.kind === 'list') {
    if (node.kind !== 'ListValue') return { node, message: `write a list, [${literalText(node)}] or [].` };
    return node.values.map((each) => misfit(type.element, each)).find((each) => each !== undefined);
  }
  if (type.kind === 'object' && node.kind === 'ObjectValue') {
    for (const field of type.fields) {
      const given = node.fields.find((each) => each.name.value === field.name);
      const wrong = given && misfit(field.type, given.value);
      if (wrong !== undefined) return wrong;
    }
  }
  if (node.kind === 'EnumValue' && type.kind === 'scalar' && type.scalar !== 'JSON') {
    return { node, message: `write "${node.value}" in quotes.` };
  }
  if (node.kind === 'StringValue' && type.kind === 'enum' && type.values.includes(node.value)) {
    return { node, message: `write ${node.value} without quotes.` };
  }
  return undefined;
}

function namesOf(columns: readonly DeclaredColumn[]): string {
  return columns.map((column) => column.name).join(' ');
}

function isScalarExcept(type: ColumnType, except: ReadonlySet<ScalarName>): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && !except.has(type.scalar));
}

/** `a list of String`, `Float`. */
export function typeText(type: ColumnType): string {
  if (type.kind === 'scalar') return type.scalar;
  return type.kind === 'list' ? `a list of ${typeText(type.element)}` : type.name;
}
