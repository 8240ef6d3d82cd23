import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import type { AppliedDirectives } from './arguments.ts';
import type { DeclaredColumn, DeclaredOrigin } from './declared.ts';
import type { Report } from './report.ts';
import { isWindowed } from './windows.ts';

/**
 * Reports directives on a column that its kind of table does not have, or that contradict each other. False where it is not
 * known then what the column is read from.
 */
export function checkFieldDirectives(
  owner: string,
  origin: DeclaredOrigin,
  field: FieldDefinitionNode,
  applied: AppliedDirectives,
  report: Report,
): boolean {
  const name = field.name.value;
  const aggregate = applied.one('aggregate');
  const computed = applied.one('computed');
  const from = applied.one('from');
  const given = applied.one('default');
  if (origin.kind === 'aggregation' && name === 'timestamp' && isWindowed(origin.directive)) {
    for (const wrong of [aggregate, computed, from]) {
      if (wrong === undefined) continue;
      report.add(
        wrong.node,
        `"timestamp" is the start of the bucket. Remove @${wrong.node.name.value}; the column that says when something ` +
          'happened is @aggregation(timestamp:).',
      );
    }
  } else if (aggregate !== undefined && origin.kind !== 'aggregation') {
    report.add(aggregate.node, `@aggregate is for types with @aggregation, and ${owner} has none.`);
  } else if (aggregate !== undefined) {
    for (const wrong of [computed, from]) {
      if (wrong === undefined) continue;
      report.add(
        wrong.node,
        `"${name}" is an aggregate, and @aggregate(arg:) says what of. Remove @${wrong.node.name.value}.`,
      );
    }
  } else if (computed !== undefined && from !== undefined) {
    report.add(from.node, `"${name}" is computed: @computed says from what. Remove @from.`);
  }
  if (given !== undefined && (computed !== undefined || origin.kind !== 'topic')) {
    report.add(
      given.node,
      `@default fills what a record leaves out, and "${name}" is not read from a record. ` +
        'Remove it; in an expression, coalesce(…) gives a value for null.',
    );
  }
  const known = (['from', 'computed', 'aggregate'] as const).every(
    (each) => !applied.has(each) || applied.one(each) !== undefined,
  );
  if (origin.kind === 'view' && aggregate !== undefined) return false;
  if (from === undefined || origin.kind === 'topic') return known;
  const record = (['header', 'key', 'meta'] as const).find((argument) => from.args[argument] !== undefined);
  if (record !== undefined) {
    report.add(
      from.at(record),
      `@from(${record}:) reads a record, and the rows of ${owner} come from ${origin.directive.args.source}. ` +
        'Give that table the column, and name it with @from(path: …).',
    );
    return false;
  }
  if (from.args.path === undefined) {
    report.add(from.node, '@from takes "path" here: a column of the source, such as "song.genre".');
    return false;
  }
  if (!/^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/.test(from.args.path)) {
    report.add(
      from.at('path'),
      `@from(path:) names a column of the source, also through relations and embedded objects, such as "song.genre"; not ` +
        `"${from.args.path}". For more write @computed(expr: …).`,
    );
    return false;
  }
  return known;
}

/** The start of the bucket is declared, so that its description and its indexes can be. */
export function checkTimestamp(
  node: ObjectTypeDefinitionNode,
  origin: Extract<DeclaredOrigin, { kind: 'aggregation' }>,
  columns: readonly DeclaredColumn[],
  report: Report,
): void {
  if (!isWindowed(origin.directive)) return;
  const field = (node.fields ?? []).find((each) => each.name.value === 'timestamp');
  if (field === undefined) {
    report.add(
      node.name,
      `${node.name.value} has buckets of time: add the field "timestamp: DateTime!", for the start of the bucket.`,
    );
    return;
  }
  const column = columns.find((each) => each.name === 'timestamp');
  if (column === undefined) return;
  const right = column.type.kind === 'scalar' && column.type.scalar === 'DateTime' && column.required;
  if (!right) report.add(field.type, '"timestamp" is the start of the bucket: write DateTime!.');
}
